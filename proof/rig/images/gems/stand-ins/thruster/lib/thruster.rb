# Nothing to load: the program is exe/thrust.
