module example.org/certwatch

go 1.19
