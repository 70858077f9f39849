import "../chart.css"
