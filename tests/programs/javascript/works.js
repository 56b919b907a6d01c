const [word, a, b] = require("fs").readFileSync(0, "utf8").trim().split(/\s+/);
const depth = (n) => (n === 0 ? 0 : 1 + depth(n - 1));
if (depth(50000) !== 50000) throw new Error("the stack is too small");
if (word === "crash") throw new Error("crashed");
while (word === "loop") {}
if (word === "hog") {
    const all = [];
    for (;;) all.push(new Array(100000).fill(1.5));
}
console.log(Number(a) + Number(b) + (word === "wrong" ? 1 : 0));
