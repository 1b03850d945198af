//! Test invocations: one method, without routing, authorization and keys, with its execution log.

use jiff::tz::TimeZone;
use tollgate_model::api::{Api, PathTemplate, Route, RouteKey, Segment};
use tollgate_model::stage::{Settings, Stage};
use tollgate_model::text::Text;
use tollgate_model::{NodeId, Program};

use crate::exchange::{Answer, Event, Recorder, Request, World};
use crate::lifecycle::{self, Deployment};
use crate::refusal;
use crate::target::Target;

/// The stage that the service gives to test invocations.
pub const STAGE: &str = "test-invoke-stage";

/// What is invoked, and with what.
#[derive(Clone, Debug, PartialEq)]
pub struct TestInvoke {
    /// The resource's path template.
    pub resource: String,
    /// The method.
    pub method: String,
    /// The path and query; none: the template itself, whose parameters are their placeholders.
    pub path_with_query: Option<String>,
    /// Headers.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// Stage variables.
    pub variables: Vec<(String, String)>,
}

/// The answer with the lines of its execution log.
#[derive(Clone, Debug, PartialEq)]
pub struct TestInvoked {
    /// The answer; its headers are those that the method made, without the gateway's ids.
    pub answer: Answer,
    /// The lines.
    pub log: Vec<String>,
}

/// Invokes a method of an API; none if the API has no such method.
pub fn test_invoke(
    program: &Program,
    api: &str,
    invoke: &TestInvoke,
    world: &mut dyn World,
) -> Option<TestInvoked> {
    let api = program.api(api)?;
    let (route, template) = method_of(api, invoke)?;
    let stage = stage(&api.name, invoke);
    let whole = invoke
        .path_with_query
        .as_deref()
        .unwrap_or(&invoke.resource);
    let (path, query) = whole.split_once('?').unwrap_or((whole, ""));
    let mut request = Request::new(invoke.method.clone(), format!("/{STAGE}{whole}"));
    request.headers.clone_from(&invoke.headers);
    request.body.clone_from(&invoke.body);
    request.domain = "testPrefix.testDomainName".into();
    let target = Target {
        rest: path.to_owned(),
        path: path.to_owned(),
        query: crate::target::parse_query(query),
        bad_query: false,
    };
    let mut state = lifecycle::start(
        Deployment {
            program,
            api,
            stage: &stage,
        },
        &request,
        target,
        world,
    );
    lifecycle::enter_route(&mut state, route, captured(template, path));

    let mut log = ExecutionLog::new(state.request_id.clone(), state.now_ms);
    log.begin(invoke, path, &state.path_parameters, &state.target.query);
    let answer = lifecycle::run_route(&state, route, world, &mut log).unwrap_or_else(|refusal| {
        log.failed(&refusal.reason);
        let mut answer = refusal::answer(&state, &refusal);
        without_ids(&mut answer);
        answer
    });
    log.end(&answer);
    Some(TestInvoked {
        answer,
        log: log.into_lines(),
    })
}

/// The method that is invoked, with its resource's path.
pub fn method_of<'a>(api: &'a Api, invoke: &TestInvoke) -> Option<(&'a Route, &'a PathTemplate)> {
    api.routes.iter().find_map(|route| match &route.key {
        RouteKey::Http { path, method }
            if path.text() == invoke.resource && method.as_str() == invoke.method =>
        {
            Some((route, path))
        }
        _ => None,
    })
}

/// The stage of a test invocation.
pub fn stage(api: &str, invoke: &TestInvoke) -> Stage {
    Stage {
        name: STAGE.into(),
        api: api.to_owned(),
        doc: String::new(),
        variables: invoke
            .variables
            .iter()
            .map(|(name, value)| (name.clone(), Text::literal(value)))
            .collect(),
        settings: Settings::default(),
        methods: Vec::new(),
        cache_gb: None,
        canary: None,
        access_log: None,
        tracing: false,
        client_certificate: None,
        tags: Vec::new(),
        node: NodeId::default(),
    }
}

/// The gateway's ids are added outside of an invocation.
pub fn without_ids(answer: &mut Answer) {
    const IDS: [&str; 2] = ["x-amzn-requestid", "x-amz-apigw-id"];
    let is_id = |name: &str| IDS.iter().any(|id| name.eq_ignore_ascii_case(id));
    answer.headers.retain(|(name, _)| !is_id(name));
}

/// The values of the template's parameters in a path that nobody checks against it.
pub fn captured(template: &PathTemplate, path: &str) -> Vec<(String, String)> {
    let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    template
        .segments
        .iter()
        .enumerate()
        .filter_map(|(index, segment)| match segment {
            Segment::Literal(_) => None,
            Segment::Parameter(name) => Some((
                name.clone(),
                parts.get(index).copied().unwrap_or_default().to_owned(),
            )),
            Segment::Greedy(name) => Some((
                name.clone(),
                parts.get(index..).unwrap_or_default().join("/"),
            )),
        })
        .collect()
}

/// The execution log as it is written, line by line.
#[derive(Clone, Debug)]
pub struct ExecutionLog {
    request_id: String,
    time: String,
    lines: Vec<String>,
    failed: bool,
}

impl ExecutionLog {
    /// A log with its title; the time of every line is in milliseconds since 1970 UTC.
    pub fn new(request_id: String, now_ms: u64) -> ExecutionLog {
        let time = i64::try_from(now_ms)
            .ok()
            .and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok())
            .map(|time| {
                time.to_zoned(TimeZone::UTC)
                    .strftime("%a %b %d %H:%M:%S UTC %Y")
                    .to_string()
            })
            .unwrap_or_default();
        ExecutionLog {
            lines: vec![format!("Execution log for request {request_id}")],
            request_id,
            time,
            failed: false,
        }
    }

    /// All lines.
    pub fn into_lines(self) -> Vec<String> {
        self.lines
    }

    fn line(&mut self, text: impl AsRef<str>) {
        self.lines
            .push(format!("{} : {}", self.time, text.as_ref()));
    }

    /// The lines about the request; of its path without the query, and with what the template captured.
    pub fn begin(
        &mut self,
        invoke: &TestInvoke,
        path: &str,
        parameters: &[(String, String)],
        query: &[(String, String)],
    ) {
        self.line(format!(
            "Starting execution for request: {}",
            self.request_id
        ));
        self.line(format!(
            "HTTP Method: {}, Resource Path: {path}",
            invoke.method
        ));
        self.line(format!("Method request path: {}", map(parameters)));
        self.line(format!("Method request query string: {}", map(query)));
        self.line(format!("Method request headers: {}", map(&invoke.headers)));
        self.line(format!(
            "Method request body before transformations: {}",
            String::from_utf8_lossy(&invoke.body)
        ));
    }

    /// The execution failed; why.
    pub fn failed(&mut self, reason: &str) {
        self.line(format!("Execution failed: {reason}"));
        self.failed = true;
    }

    /// The lines about the answer.
    pub fn end(&mut self, answer: &Answer) {
        if !self.failed {
            self.line(format!(
                "Method response body after transformations: {}",
                String::from_utf8_lossy(&answer.body)
            ));
            self.line(format!("Method response headers: {}", map(&answer.headers)));
            self.line("Successfully completed execution");
        }
        self.line(format!("Method completed with status: {}", answer.status));
    }
}

impl Recorder for ExecutionLog {
    fn record(&mut self, event: Event) {
        match event {
            Event::Called { call } => {
                self.line(format!("Endpoint request URI: {}", call.url()));
                self.line(format!("Endpoint request headers: {}", map(&call.headers)));
                self.line(format!(
                    "Endpoint request body after transformations: {}",
                    String::from_utf8_lossy(&call.body)
                ));
                self.line(format!("Sending request to {}", call.url()));
            }
            Event::Received {
                status,
                headers,
                body,
            } => {
                self.line(format!("Received response. Status: {status}"));
                self.line(format!("Endpoint response headers: {}", map(&headers)));
                self.line(format!(
                    "Endpoint response body before transformations: {}",
                    String::from_utf8_lossy(&body)
                ));
            }
            Event::Passed { .. } | Event::Refused { .. } | Event::Statement { .. } => {}
        }
    }
}

/// `{a=b, c=d}`: of repeated names the last value.
fn map(pairs: &[(String, String)]) -> String {
    let mut shown: Vec<(&str, &str)> = Vec::new();
    for (name, value) in pairs {
        match shown.iter_mut().find(|(other, _)| other == name) {
            Some((_, old)) => *old = value,
            None => shown.push((name, value)),
        }
    }
    let shown: Vec<String> = shown
        .into_iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    format!("{{{}}}", shown.join(", "))
}
