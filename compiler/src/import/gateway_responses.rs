//! Gateway responses as `on TYPE status { … }`.

use tollgate_grammar::ast::Item;

use super::build::at;
use super::findings::{Finding, FindingKind, Severity};
use super::mapping::Side;
use super::method::Here;
use super::openapi::{Import, shortened};
use super::responses::status;
use crate::document::{Cursor, Kind};

impl<'d> Import<'d> {
    pub(super) fn gateway_responses(&mut self, items: &mut Vec<Item>) {
        let Some(responses) = self.root.get("x-amazon-apigateway-gateway-responses") else {
            return;
        };
        if responses.kind() != Kind::Mapping {
            return self.bad_value(responses, "a mapping from types to responses");
        }
        for (name, response) in responses.members() {
            if !matches!(response.kind(), Kind::Mapping | Kind::Null) {
                self.bad_value(response, "a gateway response");
                continue;
            }
            let span = name.span();
            items.push(self.say(span, "on", |this, sentence| {
                sentence.operands.push(this.word(span, name.text()));
                if response.kind() == Kind::Null {
                    response.take();
                    return;
                }
                if let Some(code) = response.get("statusCode") {
                    match code.scalar().and_then(status) {
                        Some(status) => {
                            sentence
                                .operands
                                .push(this.quantity(code.node().span(), status, ""))
                        }
                        None => this.bad_value(code, "a status from 100 to 599"),
                    }
                }
                sentence.block =
                    this.block_if_any(span, |this, items| this.gateway_response(response, items));
            }));
        }
    }

    fn gateway_response(&mut self, response: Cursor<'d>, items: &mut Vec<Item>) {
        if let Some(parameters) = response.get("responseParameters") {
            for (key, value) in parameters.members() {
                let Some(name) = key.text().strip_prefix("gatewayresponse.header.") else {
                    value.take();
                    let known = key.text().starts_with("gatewayresponse.");
                    let message = format!(
                        "`{}` has no effect: gateway responses set headers only",
                        shortened(key.text())
                    );
                    let severity = if known {
                        Severity::Note
                    } else {
                        Severity::Warning
                    };
                    self.findings.push(
                        Finding::new(FindingKind::Unused, key.span(), key.path(), message)
                            .severity(severity),
                    );
                    continue;
                };
                let here = Here { verb: "", path: "" };
                items.extend(self.mapping(
                    here,
                    "responseParameters",
                    key.text(),
                    &at(&["header", name]),
                    value,
                    Side::Request,
                ));
            }
        }
        if let Some(templates) = response.get("responseTemplates") {
            self.templates(templates, "fmt", items);
        }
    }
}
