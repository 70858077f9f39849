-- The image lets its user have one database. The Solid trio has more, whose names begin the same.
-- Written by seaworthy; it runs once, when the server's data directory is made.
GRANT ALL PRIVILEGES ON `ropewalk\_production%`.* TO 'ropewalk'@'%';
