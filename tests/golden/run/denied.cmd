run --explain=denials {} -- rmdir /nowhere
