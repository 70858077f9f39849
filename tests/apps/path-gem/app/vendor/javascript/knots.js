export const knots = (metresPerSecond) => metresPerSecond * 3600 / 1852
