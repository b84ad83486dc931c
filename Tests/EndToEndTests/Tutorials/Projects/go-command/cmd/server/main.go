package main

import (
	"fmt"

	"github.com/google/uuid"
)

func main() {
	fmt.Println("listening on port 8080")
	_ = uuid.New()
}
