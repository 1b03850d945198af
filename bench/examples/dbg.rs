use tollgate_bench::policy::{hand, requests, source};
use tollgate_bench::tollgate::{bundle, world};
use tollgate_runtime::{Scratch, Session};
fn main() {
    let b = bundle(&source());
    let site = b.view().stage(b"Api", b"s").unwrap();
    let mut scratch = Scratch::new(1 << 16);
    for r in requests() {
        let t = format!("/s{}", r.path);
        let mut w = world(b.view(), "GET", &t, &[], r.ip);
        w.head.vpce = r.vpce.as_deref().map(str::as_bytes);
        let d = Session::begin(site.mapped(2)).screen(&w, &mut scratch);
        println!("{} {:?} {} → {:?} hand {}", r.ip, r.vpce, r.path, d, hand(&r));
    }
}
