check -I parts/one -I parts/two {}
