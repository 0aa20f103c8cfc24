compile -o /dev/null {}
