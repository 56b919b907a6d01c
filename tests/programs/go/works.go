package main

import "fmt"

func main() {
	var word string
	var a, b int
	fmt.Scan(&word, &a, &b)
	switch word {
	case "wrong":
		b++
	case "crash":
		panic("crashed")
	case "loop":
		for i := 0; ; i++ {
		}
	case "hog":
		var all [][]byte
		for {
			more := make([]byte, 1<<20)
			for i := range more {
				more[i] = 1
			}
			all = append(all, more)
		}
	}
	fmt.Println(a + b)
}
