//! version_file
