//! Every kind of finding, one file each, in the order of codes.
//!
//! The doc comment of a finding is its page: what it says, why that is bad, an example
//! that raises it, and what to write instead. The examples are programs; a test checks
//! that they raise exactly what they say. A code is never reused: [`RETIRED`] lists
//! those that are gone.

use tollgate_grammar::{SyntaxError, SyntaxErrorKind};

use super::{Diagnostic, Finding, Info};

macro_rules! codes {
    ($($module:ident $finding:ident,)+) => {
        $(mod $module;)+
        $(pub(crate) use $module::$finding;)+

        /// Every kind of finding, in the order of codes.
        pub(super) static TABLE: &[&Info] = &[$(const { &$finding::INFO }),+];
    };
}

codes! {
    tg0001_not_utf8 NotUtf8,
    tg0002_too_deep TooDeep,
    tg0003_too_large TooLarge,
    tg0004_unclosed_bracket UnclosedBracket,
    tg0005_stray_bracket StrayBracket,
    tg0006_unclosed_string UnclosedString,
    tg0007_bad_escape BadEscape,
    tg0008_bad_hole BadHole,
    tg0009_bad_item BadItem,
    tg0101_unknown_edition UnknownEdition,
    tg0102_unknown_behaviour UnknownBehaviour,
    tg0106_defined_twice DefinedTwice,
    tg0201_unknown_word UnknownWord,
    tg0202_not_supported_yet NotSupportedYet,
    tg0203_wrong_form WrongForm,
    tg0204_repeated_word RepeatedWord,
    tg0205_missing_part MissingPart,
    tg0206_unexpected_operand UnexpectedOperand,
    tg0207_missing_operand MissingOperand,
    tg0208_unexpected_part UnexpectedPart,
    tg0210_wrong_type WrongType,
    tg0211_unknown_choice UnknownChoice,
    tg0212_wrong_unit WrongUnit,
    tg0213_out_of_range OutOfRange,
    tg0214_malformed_value MalformedValue,
    tg0215_dollar_brace DollarBrace,
    tg0216_unknown_hole HoleUnknown,
    tg0217_hole_not_here HoleNotHere,
    tg0301_unknown_name UnknownName,
    tg0302_unknown_variable UnknownVariable,
    tg0303_variable_not_given VariableNotGiven,
    tg0304_variable_type VariableType,
    tg0305_bad_name BadName,
    tg0306_too_many TooMany,
    tg0401_duplicate_route DuplicateRoute,
    tg0402_variable_sibling VariableSibling,
    tg0403_greedy_not_last GreedyNotLast,
    tg0404_bad_path BadPath,
    tg0405_repeated_path_parameter RepeatedPathParameter,
    tg0406_parameter_name_twice ParameterNameTwice,
    tg0407_unknown_path_parameter UnknownPathParameter,
    tg0408_unknown_method UnknownMethod,
    tg0501_unbound_placeholder UnboundPlaceholder,
    tg0502_undeclared_parameter UndeclaredParameter,
    tg0503_forbidden_header ForbiddenHeader,
    tg0504_bad_http_endpoint BadHttpEndpoint,
    tg0505_bad_integration_arn BadIntegrationArn,
    tg0506_aws_proxy_service AwsProxyService,
    tg0507_lambda_method LambdaMethod,
    tg0508_stream_needs_proxy StreamNeedsProxy,
    tg0509_not_in_rest NotInRest,
    tg0510_unused_path_mapping UnusedPathMapping,
    tg0511_ignored_by_proxy IgnoredByProxy,
    tg0512_unknown_source UnknownSource,
    tg0513_source_not_here SourceNotHere,
    tg0601_second_default_response SecondDefaultResponse,
    tg0602_response_replaced ResponseReplaced,
    tg0603_bad_pattern BadPattern,
    tg0604_unescaped_class UnescapedClass,
    tg0605_no_default_response NoDefaultResponse,
    tg0606_bad_media_type BadMediaType,
    tg0811_private_without_policy PrivateWithoutPolicy,
    tg0901_unknown_authorizer UnknownAuthorizer,
    tg0902_identity_needed IdentityNeeded,
    tg0903_setting_not_of_kind SettingNotOfKind,
    tg0904_scopes_ignored ScopesIgnored,
    tg0911_cors_refused CorsRefused,
    tg0912_cors_origins CorsOrigins,
    tg0913_cors_unused CorsUnused,
    tg1001_cache_size CacheSize,
    tg1002_bad_log_format BadLogFormat,
    tg1101_dualstack_only DualstackOnly,
}

/// Numbers of codes that are gone and stay unused.
#[cfg(test)]
const RETIRED: &[u16] = &[];

/// What the parser found, as a finding with a code.
pub(crate) fn syntax(error: SyntaxError) -> Diagnostic {
    let text = error.message;
    let span = error.span;
    let mut diagnostic = match error.kind {
        SyntaxErrorKind::NotUtf8 => NotUtf8 { text }.at(span),
        SyntaxErrorKind::TooDeep => TooDeep { text }.at(span),
        SyntaxErrorKind::TooLarge => TooLarge { text }.at(span),
        SyntaxErrorKind::UnclosedBracket => UnclosedBracket { text }.at(span),
        SyntaxErrorKind::StrayBracket => StrayBracket { text }.at(span),
        SyntaxErrorKind::UnclosedString => UnclosedString { text }.at(span),
        SyntaxErrorKind::BadEscape => BadEscape { text }.at(span),
        SyntaxErrorKind::BadHole => BadHole { text }.at(span),
        _ => BadItem { text }.at(span),
    };
    if let Some((place, text)) = error.also {
        diagnostic = diagnostic.also(place, text);
    }
    diagnostic.maybe_help(error.help)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_rise_and_retired_ones_stay_unused() {
        let numbers: Vec<u16> = TABLE.iter().map(|info| info.code().number()).collect();
        assert!(numbers.is_sorted_by(|a, b| a < b), "{numbers:?}");
        assert!(RETIRED.iter().all(|retired| !numbers.contains(retired)));
    }

    #[test]
    fn names_are_unique() {
        let mut names: Vec<&str> = TABLE.iter().map(|info| info.name()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), TABLE.len());
    }
}
