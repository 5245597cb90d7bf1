// What libs/io/bench/peer_bench.cc does, on one thread of Go's scheduler (GOMAXPROCS=1 is set by bench/io.py).
package main

import (
	"fmt"
	"net"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

const batch = 1000

func cpu() float64 {
	var usage syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
	return float64(usage.Utime.Nano() + usage.Stime.Nano())
}

func resident() float64 {
	text, _ := os.ReadFile("/proc/self/statm")
	pages, _ := strconv.ParseFloat(strings.Fields(string(text))[1], 64)
	return pages * 4096
}

func spawn(count int) {
	for i := 0; i < count/batch; i++ {
		var group sync.WaitGroup
		group.Add(batch)
		for j := 0; j < batch; j++ {
			go group.Done()
		}
		group.Wait()
	}
}

func yield(count int) {
	for i := 0; i < count; i++ {
		runtime.Gosched()
	}
}

func channel(count int) {
	to := make(chan int, 1)
	back := make(chan int, 1)
	go func() {
		for value := range to {
			back <- value
		}
	}()
	for i := 0; i < count; i++ {
		to <- i
		<-back
	}
}

func timers(count int) {
	var group sync.WaitGroup
	group.Add(count)
	for i := 0; i < count; i++ {
		go func(i int) {
			time.Sleep(time.Duration(1000+i*7919%2000) * time.Millisecond)
			group.Done()
		}(i)
	}
	group.Wait()
}

func idle(count int) {
	before := resident()
	stop := make(chan bool)
	var group sync.WaitGroup
	group.Add(count)
	for i := 0; i < count; i++ {
		go func() {
			<-stop
			group.Done()
		}()
	}
	time.Sleep(100 * time.Millisecond)
	fmt.Printf("%.1f\n", (resident()-before)/float64(count))
	close(stop)
	group.Wait()
}

func echo() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	for {
		socket, err := listener.Accept()
		if err != nil {
			panic(err)
		}
		go func() {
			buffer := make([]byte, 4096)
			for {
				count, err := socket.Read(buffer)
				if err != nil {
					return
				}
				if _, err = socket.Write(buffer[:count]); err != nil {
					return
				}
			}
		}()
	}
}

func main() {
	count := 0
	if len(os.Args) > 2 {
		count, _ = strconv.Atoi(os.Args[2])
	}
	before := cpu()
	switch os.Args[1] {
	case "spawn":
		spawn(count)
	case "yield":
		yield(count)
	case "channel":
		channel(count)
	case "timers":
		timers(count)
	case "idle":
		idle(count)
		return
	default:
		echo()
	}
	fmt.Printf("%.1f\n", (cpu()-before)/float64(count))
}
