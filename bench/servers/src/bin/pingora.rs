//! A peer of G1 and G2: Pingora with one thread. `pingora PORT` answers with a constant, `pingora PORT BACKEND` passes
//! requests to a port of loopback.

use async_trait::async_trait;
use pingora::http::ResponseHeader;
use pingora::prelude::*;
use pingora::server::configuration::ServerConf;

struct Peer {
    backend: Option<u16>,
}

#[async_trait]
impl ProxyHttp for Peer {
    type CTX = ();

    fn new_ctx(&self) {}

    async fn request_filter(&self, session: &mut Session, _: &mut ()) -> Result<bool> {
        if self.backend.is_some() {
            return Ok(false);
        }
        let body: &'static [u8] = b"{\"ok\":true}";
        let mut head = ResponseHeader::build(200, Some(2))?;
        head.insert_header("content-type", "application/json")?;
        head.insert_header("content-length", body.len())?;
        session.write_response_header(Box::new(head), false).await?;
        session.write_response_body(Some(body.into()), true).await?;
        Ok(true)
    }

    async fn upstream_peer(&self, _: &mut Session, _: &mut ()) -> Result<Box<HttpPeer>> {
        let port = self.backend.unwrap_or_default();
        Ok(Box::new(HttpPeer::new(("127.0.0.1", port), false, String::new())))
    }
}

fn main() {
    let port = |at: usize| std::env::args().nth(at).and_then(|port| port.parse().ok());
    let configuration = ServerConf {
        threads: 1,
        ..ServerConf::default()
    };
    let mut server = Server::new_with_opt_and_conf(None, configuration);
    server.bootstrap();
    let peer = Peer { backend: port(2) };
    let mut service = http_proxy_service(&server.configuration, peer);
    service.add_tcp(&format!("127.0.0.1:{}", port(1).unwrap_or(8080)));
    server.add_service(service);
    server.run_forever();
}
