//! Every kind of finding, one file each, in the order of codes.
//!
//! The doc comment of a finding is its page: what it says, why that is bad, an example
//! that raises it, and what to write instead. The examples are programs; a test checks
//! that they raise exactly what they say. A code is never reused: [`RETIRED`] lists
//! those that are gone.

use tollgate_grammar::{SyntaxError, SyntaxErrorKind};

use super::{Diagnostic, Finding, Info, Severity};
use crate::import::{self, FindingKind};

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
    tg0103_file_not_found FileNotFound,
    tg0104_unreadable_data UnreadableData,
    tg0106_defined_twice DefinedTwice,
    tg0107_bad_allow BadAllow,
    tg0108_unused_allow UnusedAllow,
    tg0109_unused_baseline UnusedBaseline,
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
    tg0218_secret_in_clear SecretInClear,
    tg0219_undecided Undecided,
    tg0220_unknown_argument UnknownArgument,
    tg0221_credential_in_clear CredentialInClear,
    tg0301_unknown_name UnknownName,
    tg0302_unknown_variable UnknownVariable,
    tg0303_variable_not_given VariableNotGiven,
    tg0304_variable_type VariableType,
    tg0305_bad_name BadName,
    tg0306_too_many TooMany,
    tg0307_unused Unused,
    tg0401_duplicate_route DuplicateRoute,
    tg0402_variable_sibling VariableSibling,
    tg0403_greedy_not_last GreedyNotLast,
    tg0404_bad_path BadPath,
    tg0405_repeated_path_parameter RepeatedPathParameter,
    tg0406_parameter_name_twice ParameterNameTwice,
    tg0407_unknown_path_parameter UnknownPathParameter,
    tg0408_unknown_method UnknownMethod,
    tg0409_header_capitals HeaderCapitals,
    tg0410_open_route OpenRoute,
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
    tg0514_not_in_http NotInHttp,
    tg0601_second_default_response SecondDefaultResponse,
    tg0602_response_replaced ResponseReplaced,
    tg0603_bad_pattern BadPattern,
    tg0604_unescaped_class UnescapedClass,
    tg0605_no_default_response NoDefaultResponse,
    tg0606_bad_media_type BadMediaType,
    tg0607_pattern_without_dot PatternWithoutDot,
    tg0608_unreachable_response UnreachableResponse,
    tg0609_unused_template UnusedTemplate,
    tg0701_vtl_too_deep VtlTooDeep,
    tg0702_vtl_too_large VtlTooLarge,
    tg0703_vtl_bad_directive VtlBadDirective,
    tg0704_vtl_bad_reference VtlBadReference,
    tg0705_vtl_unclosed VtlUnclosed,
    tg0706_vtl_unclosed_block VtlUnclosedBlock,
    tg0707_vtl_stray_directive VtlStrayDirective,
    tg0708_vtl_refused_directive VtlRefusedDirective,
    tg0709_vtl_bad_range VtlBadRange,
    tg0710_vtl_at_end VtlAtEnd,
    tg0711_vtl_bad_path VtlBadPath,
    tg0712_vtl_bad_pattern VtlBadPattern,
    tg0713_vtl_unknown_member VtlUnknownMember,
    tg0714_vtl_never_json VtlNeverJson,
    tg0715_vtl_unescaped VtlUnescaped,
    tg0716_vtl_bare_value VtlBareValue,
    tg0717_vtl_unknown_stage_variable VtlUnknownStageVariable,
    tg0718_vtl_not_in_model VtlNotInModel,
    tg0719_vtl_loop_over_scalar VtlLoopOverScalar,
    tg0720_vtl_sets_nothing VtlSetsNothing,
    tg0801_cel_syntax CelSyntax,
    tg0802_cel_unknown CelUnknown,
    tg0803_cel_type CelType,
    tg0804_cel_unsupported CelUnsupported,
    tg0805_cel_literal CelLiteral,
    tg0806_iam_malformed IamMalformed,
    tg0807_iam_unknown_key IamUnknownKey,
    tg0808_policy_too_long PolicyTooLong,
    tg0811_private_without_policy PrivateWithoutPolicy,
    tg0812_policy_without_allow PolicyWithoutAllow,
    tg0813_principal_needs_iam PrincipalNeedsIam,
    tg0814_key_never_there KeyNeverThere,
    tg0815_statement_never_applies StatementNeverApplies,
    tg0821_allow_except AllowExcept,
    tg0822_policy_opens_all PolicyOpensAll,
    tg0823_policy_empty PolicyEmpty,
    tg0824_statement_covered StatementCovered,
    tg0825_statement_denied StatementDenied,
    tg0826_action_never_asked ActionNeverAsked,
    tg0827_entry_covered EntryCovered,
    tg0828_resource_elsewhere ResourceElsewhere,
    tg0829_condition_impossible ConditionImpossible,
    tg0830_condition_always ConditionAlways,
    tg0832_wildcard_to_the_letter WildcardToTheLetter,
    tg0833_operator_of_other_type OperatorOfOtherType,
    tg0834_not_an_arn NotAnArn,
    tg0835_range_with_host RangeWithHost,
    tg0836_private_address PrivateAddress,
    tg0837_all_of_nothing AllOfNothing,
    tg0838_set_operator_on_one SetOperatorOnOne,
    tg0839_allowed_without_key AllowedWithoutKey,
    tg0840_service_for_anyone ServiceForAnyone,
    tg0841_variable_in_old_version VariableInOldVersion,
    tg0842_unknown_policy_variable UnknownPolicyVariable,
    tg0843_caller_unknown CallerUnknown,
    tg0901_unknown_authorizer UnknownAuthorizer,
    tg0902_identity_needed IdentityNeeded,
    tg0903_setting_not_of_kind SettingNotOfKind,
    tg0904_scopes_ignored ScopesIgnored,
    tg0911_cors_refused CorsRefused,
    tg0912_cors_origins CorsOrigins,
    tg0913_cors_unused CorsUnused,
    tg1001_cache_size CacheSize,
    tg1002_bad_log_format BadLogFormat,
    tg1003_key_name KeyName,
    tg1004_key_length KeyLength,
    tg1005_unknown_stage UnknownStage,
    tg1006_bad_quota BadQuota,
    tg1007_key_in_two_plans KeyInTwoPlans,
    tg1008_above_account AboveAccount,
    tg1009_canary_without_change CanaryWithoutChange,
    tg1010_cache_misses_path CacheMissesPath,
    tg1011_cache_shares_callers CacheSharesCallers,
    tg1012_no_plan_for_stage NoPlanForStage,
    tg1013_key_opens_nothing KeyOpensNothing,
    tg1101_dualstack_only DualstackOnly,
    tg1201_bad_model BadModel,
    tg2001_import_unreadable ImportUnreadable,
    tg2002_import_not_openapi ImportNotOpenapi,
    tg2003_import_duplicate_key ImportDuplicateKey,
    tg2004_import_unknown_property ImportUnknownProperty,
    tg2005_import_unused ImportUnused,
    tg2006_import_not_carried ImportNotCarried,
    tg2007_import_changed ImportChanged,
    tg2008_import_bad_value ImportBadValue,
    tg2009_import_dangling_reference ImportDanglingReference,
    tg2010_import_external_reference ImportExternalReference,
    tg2011_import_unknown_model ImportUnknownModel,
    tg2012_import_unknown_validator ImportUnknownValidator,
    tg2013_import_unknown_authorizer ImportUnknownAuthorizer,
    tg2014_import_unusable_scheme ImportUnusableScheme,
    tg2015_import_bad_media_type ImportBadMediaType,
    tg2016_import_bad_compression_size ImportBadCompressionSize,
    tg2017_import_missing_verb ImportMissingVerb,
    tg2018_import_bad_mapping ImportBadMapping,
    tg2019_import_mapping_not_text ImportMappingNotText,
    tg2020_import_not_an_arn ImportNotAnArn,
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

/// What an import found, as a finding with a code.
pub(crate) fn imported(found: import::Finding) -> Diagnostic {
    let text = match found.count {
        0 | 1 => found.message,
        count => format!("{} ({count} places)", found.message),
    };
    let span = found.span;
    let diagnostic = match found.kind {
        FindingKind::Unreadable => ImportUnreadable { text }.at(span),
        FindingKind::NotOpenApi => ImportNotOpenapi { text }.at(span),
        FindingKind::DuplicateKey => ImportDuplicateKey { text }.at(span),
        FindingKind::UnknownProperty => ImportUnknownProperty { text }.at(span),
        FindingKind::Unused => ImportUnused { text }.at(span),
        FindingKind::NotCarried => ImportNotCarried { text }.at(span),
        FindingKind::Changed => ImportChanged { text }.at(span),
        FindingKind::BadValue => ImportBadValue { text }.at(span),
        FindingKind::DanglingReference => ImportDanglingReference { text }.at(span),
        FindingKind::ExternalReference => ImportExternalReference { text }.at(span),
        FindingKind::UnknownModel => ImportUnknownModel { text }.at(span),
        FindingKind::UnknownValidator => ImportUnknownValidator { text }.at(span),
        FindingKind::UnknownAuthorizer => ImportUnknownAuthorizer { text }.at(span),
        FindingKind::UnusableScheme => ImportUnusableScheme { text }.at(span),
        FindingKind::BadMediaType => ImportBadMediaType { text }.at(span),
        FindingKind::BadCompressionSize => ImportBadCompressionSize { text }.at(span),
        FindingKind::MissingVerb => ImportMissingVerb { text }.at(span),
        FindingKind::BadMapping => ImportBadMapping { text }.at(span),
        FindingKind::MappingNotText => ImportMappingNotText { text }.at(span),
        FindingKind::NotAnArn => ImportNotAnArn { text }.at(span),
        // A kind without a code of its own is refused as a value that does not fit.
        #[allow(unreachable_patterns)]
        _ => ImportBadValue { text }.at(span),
    };
    let severity = match found.severity {
        import::Severity::Error => Severity::Error,
        import::Severity::Warning => Severity::Warning,
        import::Severity::Note => Severity::Info,
    };
    let mut diagnostic = diagnostic.with_severity(severity).maybe_help(found.help);
    if let Some(words) = found.reference {
        diagnostic = diagnostic.with_note(words);
    }
    diagnostic
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
