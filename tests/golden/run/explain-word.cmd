run --explain=all {} -- true
