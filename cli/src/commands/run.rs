//! `tollgate run`: the program, served on this machine.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use tollgate_gateway::{Config, Destination, Gateway, KeysAt, Known, StandIn, wait_for_signal};

use crate::Outcome;
use crate::compile::{self, Compilation, Compiled, Input};
use crate::failure::{Failure, plain};
use crate::watch::Watch;
use crate::{identity, serve, tries, world};

/// How long requests that have begun may take after a signal.
const GRACE: Duration = Duration::from_secs(10);

/// Serve a program on this machine, answering as the reference would.
///
/// A program of one API is served at http://HOST:PORT/STAGE/. Of several, a request names its API: by the host
/// (ID.execute-api.localhost), by the header x-apigw-api-id, or by the path: http://HOST:PORT/API/STAGE/.
#[derive(Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    input: Input,
    /// The port; 0 takes a free one.
    #[arg(short, long, default_value_t = 8080)]
    port: u16,
    /// The address to listen on.
    #[arg(long, default_value = "127.0.0.1")]
    host: std::net::IpAddr,
    /// Compile again when a file changes, and go on with the new program; with the last good one if it is none.
    #[arg(short, long)]
    watch: bool,
    /// Who answers in a backend's place: a host, function, VPC link or service, and a URL or `echo`.
    #[arg(long = "backend", value_name = "NAME=URL|echo", value_parser = stand_in)]
    backends: Vec<(String, StandIn)>,
    /// Who has which access key: a file in AWS's own form.
    #[arg(long, value_name = "FILE")]
    credentials: Option<PathBuf>,
    /// Where an issuer's keys are, in place of where it says.
    #[arg(long = "keys", value_name = "ISSUER=URL", value_parser = compile::pair)]
    keys: Vec<(String, String)>,
    /// Take the tokens and the access key of `tollgate token`, whoever the issuer is. On this machine only.
    #[arg(long, conflicts_with_all = ["credentials", "keys"])]
    dev_identity: bool,
    /// Where access logs go: `stdout`, `off` or a file.
    #[arg(long, value_name = "WHERE", default_value = "stdout", value_parser = destination)]
    access_log: Destination,
    /// Do not print what happens to each request.
    #[arg(short, long)]
    quiet: bool,
    /// Threads that serve requests. Default: one per processor.
    #[arg(long, value_name = "N")]
    workers: Option<std::num::NonZero<usize>>,
}

fn stand_in(text: &str) -> Result<(String, StandIn), String> {
    let (name, target) = compile::pair(text)?;
    let target = StandIn::parse(&target).map_err(|error| format!("`{target}` is {error}"))?;
    Ok((name, target))
}

#[expect(clippy::unnecessary_wraps, reason = "the shape of a parser of values")]
fn destination(text: &str) -> Result<Destination, String> {
    Ok(match text {
        "stdout" => Destination::Stdout,
        "off" => Destination::Off,
        path => Destination::File(PathBuf::from(path)),
    })
}

pub(crate) fn run(arguments: &Arguments) -> Result<Outcome, Failure> {
    let path = &arguments.input.path;
    if compile::is_bundle(path) {
        let bundle = compile::load(path)?;
        if arguments.dev_identity || arguments.credentials.is_some() {
            return Err(
                Failure::new("a bundle alone has no account to be a caller of")
                    .help("serve the project that it was built from"),
            );
        }
        let mut program = serve::of_bundle(&bundle);
        program.stand_ins.clone_from(&arguments.backends);
        program.known.keys = given_keys(arguments);
        let gateway = start(arguments, program)?;
        announce(&gateway, &bundle.view(), None);
        return until_signal(gateway);
    }
    let project = compile::open(path)?;
    let Compilation::Done(compiled) = compile::compile(&project, &arguments.input)? else {
        return Ok(Outcome::Findings);
    };
    let known = known(arguments, &project.root, &compiled.program.account.id)?;
    let mut program = serve::program(&compiled, &project.root, &arguments.backends)?;
    program.known = known.clone();
    let gateway = start(arguments, program)?;
    if !arguments.watch {
        announce(&gateway, &compiled.bundle.view(), Some(&compiled));
        return until_signal(gateway);
    }
    // Before anybody is told that it is served: a change from then on counts.
    let watch = Watch::start(path, project.dependencies()).map_err(|error| {
        Failure::new(format!(
            "cannot watch `{}`: {}",
            path.display(),
            plain(&error)
        ))
    })?;
    announce(&gateway, &compiled.bundle.view(), Some(&compiled));
    let gateway = Arc::new(gateway);
    let swapping = gateway.clone();
    let (input, backends) = (arguments.input.clone(), arguments.backends.clone());
    std::thread::spawn(move || {
        while watch.changed() {
            match again(&input, &backends) {
                Ok(Some((mut program, dependencies))) => {
                    program.known = known.clone();
                    swapping.swap(program);
                    watch.depend_on(dependencies);
                    eprintln!("tollgate: the new program is served");
                }
                Ok(None) => eprintln!("tollgate: the last good program is still served"),
                Err(failure) => {
                    failure.print();
                    eprintln!("tollgate: the last good program is still served");
                }
            }
        }
    });
    wait()?;
    // The watching thread holds the gateway, too, and ends with the process.
    gateway.stop(GRACE);
    Ok(Outcome::Fine)
}

fn given_keys(arguments: &Arguments) -> Vec<(String, KeysAt)> {
    let at = |(issuer, url): &(String, String)| (issuer.clone(), KeysAt::Url(url.clone()));
    arguments.keys.iter().map(at).collect()
}

/// Whose signatures and tokens are good.
fn known(arguments: &Arguments, root: &Path, account: &str) -> Result<Known, Failure> {
    if arguments.dev_identity {
        if !arguments.host.is_loopback() {
            return Err(Failure::new(format!(
                "--dev-identity is for this machine alone, and {} is not",
                arguments.host
            ))
            .help("listen on 127.0.0.1, or give --credentials and --keys"));
        }
        return identity::known_by_dev(identity::dev(root, account)?);
    }
    let mut known = Known {
        keys: given_keys(arguments),
        ..Known::default()
    };
    if let Some(path) = &arguments.credentials {
        known.credentials = Some(Arc::new(identity::credentials(path, account)?));
    }
    Ok(known)
}

type Again = (tollgate_gateway::Program, Vec<PathBuf>);

/// Compiles the changed project; nothing if it has errors, which are printed.
fn again(input: &Input, backends: &[(String, StandIn)]) -> Result<Option<Again>, Failure> {
    let project = compile::open(&input.path)?;
    let Compilation::Done(compiled) = compile::compile(&project, input)? else {
        return Ok(None);
    };
    let program = serve::program(&compiled, &project.root, backends)?;
    Ok(Some((program, project.dependencies())))
}

fn start(arguments: &Arguments, program: tollgate_gateway::Program) -> Result<Gateway, Failure> {
    let mut config = Config::default();
    config.listen = SocketAddr::new(arguments.host, arguments.port);
    config.access_log = arguments.access_log.clone();
    if !arguments.quiet {
        config.trace = Destination::Stderr;
    }
    if let Some(workers) = arguments.workers {
        config.workers = workers.get();
    }
    Gateway::start(config.clone(), program).map_err(|error| {
        use std::io::ErrorKind;
        let address = config.listen;
        match (error.kind(), &config.access_log) {
            (ErrorKind::AddrInUse, _) => Failure::new(format!("port {} is in use", address.port()))
                .help("end what listens there, or take another one: --port 0 takes a free one"),
            (ErrorKind::PermissionDenied, _) if address.port() < 1024 => {
                Failure::new(format!("not allowed to listen on port {}", address.port()))
                    .help("ports below 1024 need rights; take another one with --port")
            }
            (ErrorKind::NotFound | ErrorKind::PermissionDenied, Destination::File(path)) => {
                Failure::file("write", path, &error)
            }
            _ => Failure::new(format!("cannot listen on {address}: {}", plain(&error))),
        }
    })
}

/// Says where the stages are, and what to try first.
fn announce(gateway: &Gateway, bundle: &tollgate_runtime::Bundle<'_>, compiled: Option<&Compiled>) {
    let base = format!("http://{}", gateway.address());
    let stages: Vec<[String; 3]> = bundle
        .stages()
        .map(|(id, api, stage)| {
            [id, api, stage].map(|text| String::from_utf8_lossy(text).into_owned())
        })
        .collect();
    let several = stages
        .iter()
        .any(|[id, ..]| stages.first().is_some_and(|[first, ..]| first != id));
    let url = |api: &str, stage: &str| {
        let api = match several {
            true => format!("/{api}"),
            false => String::new(),
        };
        format!("{base}{api}{}", world::target(stage, ""))
    };
    if stages.is_empty() {
        eprintln!(
            "tollgate: listening on {base}, but the program has no stage: every request is answered 403"
        );
        return;
    }
    let wide = stages
        .iter()
        .map(|[_, api, stage]| api.len() + stage.len())
        .max()
        .unwrap_or_default()
        + 1;
    for [_, api, stage] in &stages {
        eprintln!(
            "tollgate: {:<wide$}  {}",
            format!("{api}.{stage}"),
            url(api, stage)
        );
    }
    let Some(compiled) = compiled else { return };
    let lines = tries::lines(&compiled.program, url);
    if !lines.is_empty() {
        eprintln!("tollgate: try");
        for line in lines {
            eprintln!("  {line}");
        }
    }
}

fn wait() -> Result<(), Failure> {
    wait_for_signal()
        .map_err(|error| Failure::new(format!("cannot wait for a signal: {}", plain(&error))))
}

fn until_signal(gateway: Gateway) -> Result<Outcome, Failure> {
    wait()?;
    gateway.stop(GRACE);
    Ok(Outcome::Fine)
}
