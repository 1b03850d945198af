use tollgate_conformance::{Options, Outcome, Subject, run, subjects};
fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let mut subject: Box<dyn Subject> = if args[0] == "ref" {
        Box::<subjects::Reference>::default()
    } else {
        Box::<subjects::Bundle>::default()
    };
    let paths: Vec<_> = args[1..].iter().map(|a| a.into()).collect();
    let report = run(&paths, &Options::default(), &mut *subject).unwrap();
    for v in &report.verdicts {
        match &v.outcome {
            Outcome::Passed => {}
            Outcome::Failed { at, expected, got } => println!(
                "FAIL {} | {at}\n   want {}\n   got  {}",
                v.id,
                expected.chars().take(600).collect::<String>(),
                got.chars().take(600).collect::<String>()
            ),
            Outcome::Skipped(why) => println!("SKIP {} | {why}", v.id),
        }
    }
    for (area, c) in report.areas() {
        println!("{area}: {c:?}");
    }
    println!("{:?}", report.counts());
}
