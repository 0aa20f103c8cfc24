run {} -- true
