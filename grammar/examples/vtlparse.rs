// temporary: reads base16-free lines of JSON strings via stdin (one template per NUL)
use std::io::Read;
fn main(){ let mut s=String::new(); std::io::stdin().read_to_string(&mut s).unwrap();
 for t in s.split('\0'){ match tollgate_grammar::vtl::parse(t){Ok(_)=>println!("ok"),Err(e)=>println!("err {}",e.iter().map(|e|format!("{}..{} {}",e.span.start,e.span.end,e.message)).collect::<Vec<_>>().join(" ;; "))} } }
