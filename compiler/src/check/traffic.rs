//! Plans and keys; functions and links beside them.

use std::collections::HashMap;

use tollgate_grammar::Span;
use tollgate_grammar::ast::{Item, Value, ValueKind};
use tollgate_model::api::{Api, ApiKind};
use tollgate_model::stage::Stage;
use tollgate_model::traffic::{Key, Period, Plan, PlanStage, Quota, Secret, Throttle};
use tollgate_model::{Function, FunctionTarget, VpcLink};

use super::cx::{Cx, entry, items, sentence};
use super::names::Decl;
use super::operands::{Operands, name_of};
use super::text::Holes;
use crate::diagnostic::codes::{
    BadQuota, KeyInTwoPlans, KeyLength, KeyName, NotInHttp, RepeatedWord, SecretInClear, TooMany,
    UnknownChoice, UnknownStage,
};
use crate::diagnostic::{Diagnostic, Finding, did_you_mean, one_of};
use crate::words::{
    FileWord, FunctionWord, KeyWord, PlanMethodWord, PlanWord, Vocabulary, VpcLinkWord,
};

/// What plans and keys name.
pub(crate) struct Served<'m> {
    pub(crate) apis: HashMap<&'m str, &'m Api>,
    pub(crate) stages: &'m [Stage],
}

/// Reads one plan.
pub(crate) fn plan<'a>(
    cx: &Cx<'a>,
    decl: &Decl<'a>,
    served: &Served<'_>,
) -> (Plan, Vec<Diagnostic>) {
    let mut cx = cx.of_tree(decl.tree);
    let plan = cx.plan(decl, served);
    (plan, cx.found)
}

/// Reads one key.
pub(crate) fn key<'a>(cx: &Cx<'a>, decl: &Decl<'a>) -> (Option<Key>, Vec<Diagnostic>) {
    let mut cx = cx.of_tree(decl.tree);
    let key = cx.key_decl(decl);
    (key, cx.found)
}

/// Reads one function.
pub(crate) fn function<'a>(cx: &Cx<'a>, decl: &Decl<'a>) -> (Option<Function>, Vec<Diagnostic>) {
    let mut cx = cx.of_tree(decl.tree);
    let function = cx.function_decl(decl);
    (function, cx.found)
}

/// Reads one link.
pub(crate) fn link<'a>(cx: &Cx<'a>, decl: &Decl<'a>) -> (Option<VpcLink>, Vec<Diagnostic>) {
    let mut cx = cx.of_tree(decl.tree);
    let link = cx.link_decl(decl);
    (link, cx.found)
}

/// A key opens one stage through one plan.
pub(crate) fn overlaps(cx: &Cx<'_>, plans: &[Plan], keys: &[Key]) -> Vec<Diagnostic> {
    let by_name: HashMap<&str, &Plan> = plans
        .iter()
        .map(|plan| (plan.name.as_str(), plan))
        .collect();
    let mut found = Vec::new();
    for key in keys {
        let mut seen: HashMap<(&str, &str), &str> = HashMap::new();
        for plan in key
            .plans
            .iter()
            .filter_map(|name| by_name.get(name.as_str()))
        {
            for stage in &plan.stages {
                if let Some(first) = seen.insert((&stage.api, &stage.stage), &plan.name) {
                    found.push(
                        KeyInTwoPlans {
                            key: key.name.clone(),
                            stage: format!("{}.{}", stage.api, stage.stage),
                            plans: format!("`{first}` and `{}`", plan.name),
                        }
                        .at(cx.until_block(cx.tree_span(key.node))),
                    );
                }
            }
        }
    }
    found
}

impl<'a> Cx<'a> {
    fn plan(&mut self, decl: &Decl<'a>, served: &Served<'_>) -> Plan {
        let mut plan = Plan {
            name: decl.name.to_owned(),
            stages: Vec::new(),
            throttle: None,
            quota: None,
            node: self.node(decl.item.id),
        };
        if decl.sentence.block.is_none() {
            self.missing_block(decl.sentence);
        }
        let words = self.words::<PlanWord>(items(&decl.sentence.block));
        // Methods are those of the plan's stages, wherever they stand.
        for (word, item) in &words {
            if let (PlanWord::Stages, Some(entry)) = (word, entry(item)) {
                self.plan_stages(&entry.value, served, &mut plan);
            }
        }
        for (word, item) in words {
            match word {
                PlanWord::Stages => {}
                PlanWord::Throttle => {
                    if let Some(sentence) = sentence(item) {
                        let mut operands = Operands::of(self, sentence, word.word().form);
                        plan.throttle = self.throttle(&mut operands);
                    }
                }
                PlanWord::Quota => plan.quota = self.quota(item),
                PlanWord::Method => {
                    self.plan_method(item, served, &mut plan);
                }
            }
        }
        plan
    }

    fn plan_stages(
        &mut self,
        value: &'a Value,
        served: &Served<'_>,
        plan: &mut Plan,
    ) -> Option<()> {
        for value in self.list(value, "stages")? {
            let Some((api, stage)) = self.stage_name(value) else {
                continue;
            };
            if !served
                .stages
                .iter()
                .any(|known| known.api == api && known.name == stage)
            {
                // A stage that was refused has been reported.
                if self.names.stage(&api, &stage).is_none() {
                    self.unknown_stage(&api, &stage, self.span(value.id));
                }
                continue;
            }
            if served
                .apis
                .get(api.as_str())
                .is_some_and(|api| api.kind == ApiKind::Http)
            {
                let what = format!("a plan for `{api}.{stage}`");
                let finding = NotInHttp { what }.at(self.span(value.id));
                self.report(finding);
                continue;
            }
            if plan
                .stages
                .iter()
                .any(|known| known.api == api && known.stage == stage)
            {
                let span = self.span(value.id);
                self.report(
                    RepeatedWord {
                        word: format!("{api}.{stage}"),
                    }
                    .at(span),
                );
                continue;
            }
            plan.stages.push(PlanStage {
                api,
                stage,
                methods: Vec::new(),
            });
        }
        Some(())
    }

    /// `Orders.prod`.
    pub(crate) fn stage_name(&mut self, value: &'a Value) -> Option<(String, String)> {
        match &value.kind {
            ValueKind::Place(place) => match super::cx::second(place) {
                Some(stage) => Some((place.head().to_owned(), stage)),
                None => self.wrong_type(value, "a stage: `API.STAGE`"),
            },
            _ => self.wrong_type(value, "a stage: `API.STAGE`"),
        }
    }

    pub(crate) fn unknown_stage(&mut self, api: &str, stage: &str, span: Span) {
        let written = format!("{api}.{stage}");
        let known: Vec<String> = self
            .names
            .stages
            .iter()
            .flat_map(|(api, stages)| stages.names().map(move |stage| format!("{api}.{stage}")))
            .collect();
        let help = did_you_mean(&written, known.iter().map(String::as_str));
        self.report(
            UnknownStage {
                note: format!(
                    "Invalid API Stage {{api: {api}, stage: {stage}}} specified for usageplan"
                ),
                stage: written,
            }
            .at(span)
            .maybe_help(help),
        );
    }

    /// `quota 10_000/month offset 3`.
    fn quota(&mut self, item: &'a Item) -> Option<Quota> {
        let mut operands = Operands::of(self, sentence(item)?, PlanWord::Quota.word().form);
        let value = operands.need(self, "a number of requests in a period")?;
        let ValueKind::Quantity(quantity) = &value.kind else {
            return self.wrong_type(value, "a number of requests in a period");
        };
        let period = match &quantity.per {
            Some((number, unit)) if number.is_empty() || number == "1" => unit.as_str(),
            _ => "",
        };
        let period = match period {
            "day" | "d" => Period::Day,
            "week" | "w" => Period::Week,
            "month" => Period::Month,
            written => {
                let span = self.span(value.id);
                self.report(
                    UnknownChoice {
                        written: written.to_owned(),
                        expected: one_of(["day", "week", "month"]),
                    }
                    .at(span)
                    .with_help("write `10_000/month`"),
                );
                return None;
            }
        };
        let Some(limit) = quantity
            .number
            .parse()
            .ok()
            .filter(|_| quantity.unit.is_empty())
        else {
            return self.wrong_type(value, "a whole number of requests");
        };
        let mut offset = 0;
        if operands.take("offset") {
            let value = operands.need(self, "a number of requests")?;
            offset = self.count(value)?;
            let most = match period {
                Period::Day => 0,
                Period::Week => 6,
                Period::Month => 27,
            };
            if offset > most {
                let span = self.span(value.id);
                self.report(BadQuota { most }.at(span));
                return None;
            }
        }
        operands.refuse_rest(self);
        Some(Quota {
            limit,
            offset,
            period,
        })
    }

    /// `method GET /orders/{id} { throttle 100/s }`.
    fn plan_method(&mut self, item: &'a Item, served: &Served<'_>, plan: &mut Plan) -> Option<()> {
        let sentence = sentence(item)?;
        let mut throttle: Option<Throttle> = None;
        for (word, item) in self.words::<PlanMethodWord>(items(&sentence.block)) {
            let PlanMethodWord::Throttle = word;
            let mut operands = Operands::of(self, super::cx::sentence(item)?, word.word().form);
            throttle = self.throttle(&mut operands);
        }
        let head = self.head_span(sentence);
        let Some(throttle) = throttle else {
            self.missing("method", "`throttle`", head);
            return None;
        };
        // The method must be one of some stage's API; it is limited at each that has it.
        let mut selector = None;
        let mut quiet = Vec::new();
        for stage in &mut plan.stages {
            let Some(api) = served.apis.get(stage.api.as_str()) else {
                continue;
            };
            let mut operands = Operands::of(self, sentence, PlanWord::Method.word().form);
            let before = self.found.len();
            let found = self.selector(&mut operands, api);
            quiet.extend(self.found.drain(before..));
            if let Some(Some(found)) = found {
                if stage.methods.len() >= 20 {
                    self.report(
                        TooMany {
                            what: "methods with a limit of their own",
                            count: stage.methods.len() + 1,
                            limit: 20,
                        }
                        .at(head),
                    );
                }
                stage.methods.push((found.clone(), throttle));
                selector = Some(found);
            }
        }
        if selector.is_none() {
            self.found.extend(quiet.into_iter().take(1));
        }
        Some(())
    }

    /// `key acme for Premium { … }`, `key acme for [Basic, Premium] { … }`.
    fn key_decl(&mut self, decl: &Decl<'a>) -> Option<Key> {
        if decl.name.chars().count() > 1024 {
            self.report(KeyName {}.at(decl.span));
        }
        let mut operands = Operands::of(self, decl.sentence, FileWord::Key.word().form);
        operands.next();
        let mut plans = Vec::new();
        if operands.take("for") {
            let value = operands.need(self, "a plan")?;
            let values = match &value.kind {
                ValueKind::List(values) => values.as_slice(),
                _ => std::slice::from_ref(value),
            };
            for value in values {
                let Some(name) = name_of(value) else {
                    return self.wrong_type(value, "the name of a plan");
                };
                if self.names.plans.get(name).is_none() {
                    let span = self.span(value.id);
                    let known: Vec<&str> = self.names.plans.names().collect();
                    self.unknown_name("plan", name, span, known);
                    continue;
                }
                plans.push(name.to_owned());
            }
        }
        operands.refuse_rest(self);
        let mut key = Key {
            name: decl.name.to_owned(),
            id: decl.name.to_owned(),
            enabled: true,
            plans,
            value: Secret::Named(String::new()),
            node: self.node(decl.item.id),
        };
        let mut given = false;
        for (word, item) in self.words::<KeyWord>(items(&decl.sentence.block)) {
            let Some(entry) = entry(item) else { continue };
            match word {
                KeyWord::Value => {
                    given = true;
                    key.value = self.secret(&entry.value)?;
                }
                KeyWord::Enabled => key.enabled = self.truth(&entry.value)?,
                KeyWord::Id => key.id = self.literal(&entry.value)?,
            }
        }
        if !given {
            self.missing("key", "`value`", operands.span);
            return None;
        }
        Some(key)
    }

    /// `env("…")`, `file("…")`, `secret("…")`.
    fn secret(&mut self, value: &'a Value) -> Option<Secret> {
        let span = self.span(value.id);
        match &value.kind {
            ValueKind::Call(call) => {
                let (make, name): (fn(String) -> Secret, _) = match call.place.name() {
                    Some("env") => (Secret::Env, call.args.as_slice()),
                    Some("file") => (Secret::File, call.args.as_slice()),
                    Some("secret") => (Secret::Named, call.args.as_slice()),
                    _ => return self.wrong_type(value, "`env(…)`, `file(…)` or `secret(…)`"),
                };
                match name {
                    [arg] if arg.name.is_none() => self.literal(&arg.value).map(make),
                    _ => self.wrong_type(value, "one name: `env(\"ACME_KEY\")`"),
                }
            }
            ValueKind::Text(text) if self.world.options.clear_secrets => {
                let clear = self.literal_text(text)?;
                let length = clear.chars().count();
                if !(20..=128).contains(&length) {
                    let note = match length < 20 {
                        true => "API Key value should be at least 20 characters",
                        false => "API Key value exceeds maximum size of 128 characters",
                    };
                    self.report(KeyLength {}.at(span).with_note(note));
                    return None;
                }
                Some(Secret::Clear(clear))
            }
            ValueKind::Text(_) => {
                self.report(SecretInClear {}.at(span));
                None
            }
            _ => self.wrong_type(value, "`env(…)`, `file(…)` or `secret(…)`"),
        }
    }

    fn function_decl(&mut self, decl: &Decl<'a>) -> Option<Function> {
        let mut target = None;
        for (word, item) in self.words::<FunctionWord>(items(&decl.sentence.block)) {
            let entry = entry(item)?;
            if target.is_some() {
                let span = self.word_span(item);
                self.report(
                    RepeatedWord {
                        word: "a target".to_owned(),
                    }
                    .at(span),
                );
                continue;
            }
            target = Some(match word {
                FunctionWord::Arn => {
                    let arn = self.text(&entry.value, Holes::Build)?;
                    let marked = super::arn::marked(&arn);
                    if !marked.starts_with("arn:") && !marked.starts_with(super::arn::HOLE) {
                        return self.malformed(
                            entry.value.id,
                            "ARN",
                            "it does not begin with `arn:`",
                        );
                    }
                    FunctionTarget::Arn(arn)
                }
                FunctionWord::Command => FunctionTarget::Command(self.literal(&entry.value)?),
                FunctionWord::Url => {
                    let url = self.text(&entry.value, Holes::Build)?;
                    if let Some(why) = super::arn::http_fault(&url) {
                        return self.malformed(entry.value.id, "URL", why);
                    }
                    FunctionTarget::Url(url)
                }
            });
        }
        let Some(target) = target else {
            self.missing("function", "`arn`, `command` or `url`", decl.span);
            return None;
        };
        Some(Function {
            name: decl.name.to_owned(),
            target,
            node: self.node(decl.item.id),
        })
    }

    fn link_decl(&mut self, decl: &Decl<'a>) -> Option<VpcLink> {
        let mut link = VpcLink {
            name: decl.name.to_owned(),
            targets: Vec::new(),
            subnets: Vec::new(),
            node: self.node(decl.item.id),
        };
        for (word, item) in self.words::<VpcLinkWord>(items(&decl.sentence.block)) {
            let entry = entry(item)?;
            match word {
                VpcLinkWord::Targets => {
                    for value in self.list(&entry.value, "URLs")? {
                        let url = self.text(value, Holes::Build)?;
                        if let Some(why) = super::arn::http_fault(&url) {
                            return self.malformed(value.id, "URL", why);
                        }
                        link.targets.push(url);
                    }
                }
                VpcLinkWord::Subnets => {
                    let list = self.names_list(&entry.value, "subnets")?;
                    link.subnets = list.into_iter().map(|(subnet, _)| subnet).collect();
                }
            }
        }
        if link.targets.is_empty() {
            self.missing("vpc_link", "`targets`", decl.span);
            return None;
        }
        Some(link)
    }
}
