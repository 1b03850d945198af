//! A bundle laid open: the APIs, routes and stages that its images hold, as tools show them.
//!
//! Everything is read from the bundle itself, so what is shown is what a gateway will do, wherever the bundle came
//! from. Only places and counts for people come from the debug image, if there is one.

mod listing;
mod stranger;

use std::collections::BTreeMap;

use tollgate_runtime::bundle::records as r;
use tollgate_runtime::bundle::wire::Label;
use tollgate_runtime::bundle::{ImageKind, ImageView, Section};
use tollgate_runtime::isa::{self, Step};
use tollgate_runtime::router::VERBS;
use tollgate_runtime::{Bundle, ResponseType};

pub(crate) use listing::{Line, sections};
pub(crate) use stranger::Stranger;

/// A bundle's parts.
pub(crate) struct LaidOpen<'b> {
    bundle: Bundle<'b>,
    pub(crate) images: Vec<ImageView<'b>>,
    /// In the order of the image table.
    pub(crate) apis: Vec<Api<'b>>,
    /// Ordered by API and name.
    pub(crate) stages: Vec<Stage<'b>>,
}

/// One API: a deployment image.
pub(crate) struct Api<'b> {
    pub(crate) name: String,
    pub(crate) id: String,
    pub(crate) image: ImageView<'b>,
    record: r::Api,
    /// How many statements its policy has, if the bundle says so.
    pub(crate) statements: Option<u32>,
    /// Number of its policy's first statement among all of the bundle.
    first_statement: u32,
    /// The programs of its policy classes, in the order in which routes name them.
    pub(crate) classes: Vec<Label>,
    pub(crate) routes: Vec<Route>,
}

/// One route of an API.
pub(crate) struct Route {
    /// `GET /orders/{id}`.
    pub(crate) key: String,
    /// `orders.gate:12`.
    pub(crate) place: Option<String>,
    pub(crate) record: r::Route,
    /// Index in [`Api::classes`].
    pub(crate) class: Option<usize>,
}

/// One stage of an API.
pub(crate) struct Stage<'b> {
    pub(crate) api: String,
    pub(crate) name: String,
    pub(crate) record: r::Stage,
    pub(crate) edge: ImageView<'b>,
}

/// A program of a route, with its name.
pub(crate) struct Named {
    /// `policy`, `validate`, `response 404`.
    pub(crate) name: String,
    pub(crate) steps: Vec<Step>,
}

impl Named {
    /// How many instructions a run executes at most.
    pub(crate) fn worst_case(&self) -> u32 {
        isa::worst_case(&self.steps)
    }
}

/// How many instructions a request meets at most.
pub(crate) struct WorstCase {
    pub(crate) total: u32,
    /// What each program adds, in the order of the lifecycle.
    pub(crate) parts: Vec<(&'static str, u32)>,
    /// How many templates the route's programs name; each has a limit of its own.
    pub(crate) templates: usize,
}

/// Text of a bundle, for people.
pub(crate) fn shown(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

impl<'b> LaidOpen<'b> {
    /// Reads the tables. O(routes + stages).
    pub(crate) fn new(bundle: Bundle<'b>) -> LaidOpen<'b> {
        let images: Vec<ImageView<'b>> = bundle.images().collect();
        // Places of routes by `API ROUTE`, counts of statements by API.
        let mut notes = BTreeMap::new();
        if let Some(debug) = images.iter().find(|i| i.kind() == ImageKind::Debug) {
            for note in debug.all::<r::Variable>(Section::Variables) {
                notes.insert(shown(debug.text(note.name)), shown(debug.text(note.value)));
            }
        }
        let mut first_statement = 0;
        let mut apis = Vec::new();
        for image in images.iter().filter(|i| i.kind() == ImageKind::Deployment) {
            if let Some(api) = Api::new(*image, &notes, first_statement) {
                first_statement += api.statements.unwrap_or(0);
                apis.push(api);
            }
        }
        let mut stages = Vec::new();
        if let Some(edge) = images.first() {
            for record in edge.all::<r::Stage>(Section::Stages) {
                let of: Option<r::Deployment> =
                    edge.record(Section::Deployments, u32::from(record.deployment));
                stages.push(Stage {
                    api: of
                        .map(|of| shown(edge.text(of.api_name)))
                        .unwrap_or_default(),
                    name: shown(edge.text(record.name)),
                    record,
                    edge: *edge,
                });
            }
        }
        stages.sort_by(|a, b| (&a.api, &a.name).cmp(&(&b.api, &b.name)));
        LaidOpen {
            bundle,
            images,
            apis,
            stages,
        }
    }

    /// The stages of an API.
    pub(crate) fn stages_of(&self, api: &Api<'_>) -> impl Iterator<Item = &Stage<'b>> {
        self.stages
            .iter()
            .filter(move |stage| stage.api == api.name)
    }

    /// Where a policy statement stands: `orders.gate:12`.
    pub(crate) fn statement_place(&self, statement: u32) -> Option<String> {
        self.bundle.statement_place(statement).map(shown)
    }

    /// The longest way of a request through the programs of a route: every phase, then the longest answer.
    pub(crate) fn worst_case(&self, api: &Api<'b>, route: &Route) -> WorstCase {
        let programs = api.programs(route);
        let sum = |name: &str| -> u32 {
            let of = |program: &&Named| program.name == name;
            programs.iter().filter(of).map(Named::worst_case).sum()
        };
        let answer = programs
            .iter()
            .filter(|program| program.name.starts_with("response"))
            .chain(&api.gateway_responses())
            .map(Named::worst_case)
            .max();
        let log = self
            .stages_of(api)
            .map(|stage| stage.program(stage.record.log))
            .map(|steps| isa::worst_case(&steps))
            .max();
        let parts = vec![
            ("policy", sum("policy")),
            ("authorizer", sum("authorizer")),
            ("validate", sum("validate")),
            ("cache key", sum("cache key")),
            ("request", sum("request")),
            ("uri", sum("uri")),
            ("answer", answer.unwrap_or(0)),
            ("log", log.unwrap_or(0)),
        ];
        WorstCase {
            total: parts.iter().map(|(_, steps)| steps).sum(),
            parts,
            templates: programs
                .iter()
                .flat_map(|program| &program.steps)
                .filter(|step| matches!(step.op, isa::Op::Template { .. }))
                .count(),
        }
    }
}

impl<'b> Api<'b> {
    fn new(
        image: ImageView<'b>,
        notes: &BTreeMap<String, String>,
        first_statement: u32,
    ) -> Option<Api<'b>> {
        let record: r::Api = image.record(Section::Api, 0)?;
        let name = shown(image.text(record.name));
        let mut classes: Vec<Label> = Vec::new();
        let mut routes = Vec::new();
        for record in image.all::<r::Route>(Section::Routes) {
            let path = shown(image.text(record.path));
            let verb = VERBS.get(usize::from(record.verb)).copied().unwrap_or("?");
            let key = match path.starts_with('/') {
                true => format!("{verb} {path}"),
                false => path,
            };
            let class = record.policy.is_some().then(|| {
                classes
                    .iter()
                    .position(|class| *class == record.policy)
                    .unwrap_or_else(|| {
                        classes.push(record.policy);
                        classes.len() - 1
                    })
            });
            routes.push(Route {
                place: notes.get(&format!("{name} {key}")).cloned(),
                key,
                record,
                class,
            });
        }
        Some(Api {
            statements: notes.get(&name).and_then(|count| count.parse().ok()),
            id: shown(image.text(record.id)),
            name,
            image,
            record,
            first_statement,
            classes,
            routes,
        })
    }

    /// Whether only private networks reach it.
    pub(crate) fn is_private(&self) -> bool {
        self.record.flags & 1 != 0
    }

    /// Whether it has a resource policy.
    pub(crate) fn has_policy(&self) -> bool {
        self.record.flags & 8 != 0
    }

    /// The number of a statement within the API's policy, from 1.
    pub(crate) fn statement_number(&self, statement: u32) -> u32 {
        statement.saturating_sub(self.first_statement) + 1
    }

    /// The routes that share a policy class.
    pub(crate) fn sharing(&self, class: Option<usize>) -> usize {
        self.routes.iter().filter(|r| r.class == class).count()
    }

    fn steps(&self, label: Label) -> Vec<Step> {
        isa::program(self.image.section(Section::Code), label)
    }

    /// How a route's callers prove who they are: a kind, and the authorizer.
    pub(crate) fn auth(&self, route: &Route) -> (&'static str, Option<String>) {
        let kind = match route.record.auth {
            0 => "none",
            1 => "iam",
            2 => "lambda",
            3 => "cognito",
            4 => "jwt",
            _ => "unknown",
        };
        let authorizer = self.authorizer(route);
        (
            kind,
            authorizer.map(|authorizer| shown(self.image.text(authorizer.name))),
        )
    }

    fn authorizer(&self, route: &Route) -> Option<r::Authorizer> {
        let index = u32::from(route.record.authorizer);
        self.image.record(Section::Authorizers, index)
    }

    /// The scopes of which a caller's token must hold one.
    pub(crate) fn scopes(&self, route: &Route) -> Vec<String> {
        self.image
            .records::<r::Item>(Section::Lists, route.record.scopes)
            .map(|item| shown(self.image.text(item.text)))
            .collect()
    }

    /// Every program of a route that does anything, in the order of the lifecycle.
    pub(crate) fn programs(&self, route: &Route) -> Vec<Named> {
        let record = &route.record;
        let mut found = vec![
            ("policy".to_owned(), record.policy),
            (
                "authorizer".to_owned(),
                self.authorizer(route).map_or(Label::NONE, |a| a.identity),
            ),
            ("validate".to_owned(), record.validate),
            ("cache key".to_owned(), record.cache_key),
        ];
        let integration: Option<r::Integration> =
            self.image.record(Section::Integrations, record.integration);
        if let Some(integration) = integration {
            found.push(("request".to_owned(), integration.request));
            found.push(("uri".to_owned(), integration.uri));
            let responses = self
                .image
                .records::<r::Response>(Section::Responses, integration.responses);
            for (n, response) in responses.enumerate() {
                let last = response.flags & 1 != 0;
                let which = match last {
                    true => format!("response {} (default)", response.status),
                    false => format!("response {} (pattern {})", response.status, n + 1),
                };
                found.push((which, response.program));
            }
        }
        found
            .into_iter()
            .filter(|(_, label)| label.is_some())
            .map(|(name, label)| Named {
                name,
                steps: self.steps(label),
            })
            .collect()
    }

    /// The programs of the gateway responses that the API sets.
    pub(crate) fn gateway_responses(&self) -> Vec<Named> {
        self.image
            .all::<r::GatewayResponse>(Section::GatewayResponses)
            .zip(ResponseType::ALL)
            .filter(|(record, _)| record.flags & 3 != 0 && record.program.is_some())
            .map(|(record, ty)| Named {
                name: ty.name().to_owned(),
                steps: self.steps(record.program),
            })
            .collect()
    }
}

impl Stage<'_> {
    fn program(&self, label: Label) -> Vec<Step> {
        isa::program(self.edge.section(Section::Code), label)
    }

    /// The program that writes the access log, if there is one.
    pub(crate) fn log(&self) -> Option<Named> {
        self.record.log.is_some().then(|| Named {
            name: "log".to_owned(),
            steps: self.program(self.record.log),
        })
    }

    /// What the stage sets for the route of this index.
    pub(crate) fn setting(&self, route: usize) -> Option<r::Setting> {
        let index: u32 = self
            .edge
            .records(Section::RouteSettings, self.record.settings)
            .nth(route)?;
        self.edge.record(Section::Settings, index)
    }

    /// The usage plans that open the stage.
    pub(crate) fn plans(&self) -> Vec<r::Plan> {
        self.edge
            .records(Section::Plans, self.record.plans)
            .collect()
    }
}
