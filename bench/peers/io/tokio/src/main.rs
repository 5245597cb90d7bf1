// What libs/io/bench/peer_bench.cc does, on tokio's current-thread runtime.
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

const BATCH: usize = 1_000;

fn cpu_ns() -> f64 {
    let text = std::fs::read_to_string("/proc/self/schedstat").unwrap();
    text.split_whitespace().next().unwrap().parse().unwrap()
}

fn resident_bytes() -> f64 {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap();
    text.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() * 4096.0
}

async fn spawn(count: usize) {
    for _ in 0..count / BATCH {
        let tasks: Vec<_> = (0..BATCH).map(|i| tokio::spawn(async move { i })).collect();
        for task in tasks {
            task.await.unwrap();
        }
    }
}

async fn yields(count: usize) {
    for _ in 0..count {
        tokio::task::yield_now().await;
    }
}

async fn channel(count: usize) {
    let (to, mut from) = mpsc::channel::<usize>(1);
    let (back, mut answers) = mpsc::channel::<usize>(1);
    tokio::spawn(async move {
        while let Some(value) = from.recv().await {
            back.send(value).await.unwrap();
        }
    });
    for i in 0..count {
        to.send(i).await.unwrap();
        answers.recv().await.unwrap();
    }
}

async fn timers(count: usize) {
    let tasks: Vec<_> = (0..count)
        .map(|i| tokio::spawn(async move { tokio::time::sleep(Duration::from_millis(1_000 + (i as u64 * 7_919) % 2_000)).await }))
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
}

async fn idle(count: usize) {
    let before = resident_bytes();
    let (stop, _) = tokio::sync::watch::channel(false);
    let tasks: Vec<_> = (0..count)
        .map(|_| {
            let mut stopped = stop.subscribe();
            tokio::spawn(async move { stopped.changed().await.unwrap() })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(100)).await;
    println!("{:.1}", (resident_bytes() - before) / count as f64);
    stop.send(true).unwrap();
    for task in tasks {
        task.await.unwrap();
    }
}

async fn echo() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    println!("{}", listener.local_addr().unwrap().port());
    loop {
        let (mut socket, _) = listener.accept().await.unwrap();
        socket.set_nodelay(true).unwrap();
        tokio::spawn(async move {
            let mut buffer = [0u8; 4096];
            loop {
                match socket.read(&mut buffer).await {
                    Ok(0) | Err(_) => return,
                    Ok(count) => {
                        if socket.write_all(&buffer[..count]).await.is_err() {
                            return;
                        }
                    }
                }
            }
        });
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let count: usize = arguments.get(2).map_or(0, |text| text.parse().unwrap());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let before = cpu_ns();
    runtime.block_on(async {
        match arguments[1].as_str() {
            "spawn" => spawn(count).await,
            "yield" => yields(count).await,
            "channel" => channel(count).await,
            "timers" => timers(count).await,
            "idle" => idle(count).await,
            _ => echo().await,
        }
    });
    if arguments[1] != "idle" {
        println!("{:.1}", (cpu_ns() - before) / count as f64);
    }
}
