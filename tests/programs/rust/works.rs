use std::io::Read;

fn main() {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).unwrap();
    let words: Vec<&str> = text.split_whitespace().collect();
    let (a, b): (i64, i64) = (words[1].parse().unwrap(), words[2].parse().unwrap());
    let mut extra = 0;
    match words[0] {
        "wrong" => extra = 1,
        "crash" => panic!("crashed"),
        "loop" => loop {
            std::hint::spin_loop();
        },
        "hog" => {
            let mut all = Vec::new();
            loop {
                all.push(vec![1u8; 1 << 20]);
            }
        }
        _ => {}
    }
    println!("{}", a + b + extra);
}
