//! Templates of every construct, over bodies that may or may not fit them.

use proptest::prelude::*;
use tollgate_model::NodeId;
use tollgate_model::integration::Template;

use super::one_of;

/// What a request template may say.
const REQUEST: [&str; 16] = [
    "{\"a\": $input.json('$.a'), \"whole\": $input.json('$')}",
    "$input.body",
    "{\"id\": \"$input.params('id')\", \"q\": \"$input.params('q')\", \"x\": \"$input.params('x-a')\"}",
    "#set($r = $input.path('$'))$r.a.b|$r.list[0]|$r.list.size()|$!r.nope",
    "#foreach($i in $input.path('$.list'))$foreach.count:$i#if($foreach.hasNext),#end#end",
    "#if($input.params('q') == '')empty#{else}$util.urlEncode($input.params('q'))#end",
    "$util.base64Encode($input.body)|$util.escapeJavaScript($input.json('$.text'))",
    "#set($context.requestOverride.header.x-b = 'over')#set($context.requestOverride.querystring.q2 = ['1', '2'])body",
    "#set($context.requestOverride.path.id = 'replaced')x",
    "#if($input.params('x-a') != '')#set($context.requestOverride.header.x-b = 1)#set($context.requestOverride.header.x-b = 2)#end.",
    "$stageVariables.v1-$stageVariables.none-$context.stage-$context.identity.sourceIp-$context.path",
    "#define($b)<$i>#end#set($i = 1)$b#set($i = $i + 1)$b#set($d = 7 / 2)$d",
    "$input.path('$.list[?(@ > 1)]')|$input.path('$..b')|$input.json('$.list[0,1]')",
    "$input.path('$.text').replaceAll('[aeiou]', '_')|$input.path('$.text').split(' ').size()",
    "$input.path('$.list').get(7)",
    "$util.parseJson($input.json('$.text')).length()",
];

/// What the request template of a mock may say.
const MOCK: [&str; 8] = [
    "{\"statusCode\": 200}",
    "{statusCode: 404}",
    "{'statusCode': 500,}",
    "{\"statusCode\": \"200\"}",
    "{}",
    "#if($input.params('q') == 'a b'){\"statusCode\": 404}#else{\"statusCode\": 200}#end",
    "#set($context.responseOverride.status = 418)#set($context.responseOverride.header.x-mock = 'm'){\"statusCode\": 200}",
    "{\"statusCode\": 200",
];

/// What a response template may say.
const RESPONSE: [&str; 12] = [
    "",
    "{\"got\": $input.json('$')}",
    "$input.body",
    "$input.path('$.errorMessage')|$input.path('$.a.b')|$input.params('q')",
    "#set($context.responseOverride.status = 299)$input.json('$.a')",
    "#set($context.responseOverride.status = 99)none",
    "#set($context.responseOverride.header.x-over = ['a', 'b'])#set($context.responseOverride.header.Server = 's')ok",
    "#foreach($k in $input.path('$').keySet())$k,#end",
    "#if($input.path('$.list').isEmpty())none#else$input.path('$.list')#end",
    "$context.requestId.length() $context.httpMethod $context.resourcePath",
    "$input.path('$.text').substring(99)",
    "#set($s = 0)#foreach($n in $input.path('$.list'))#set($s = $s + $n)#end$s",
];

fn made(text: &str) -> Template {
    Template {
        text: text.to_owned(),
        pieces: None,
        node: NodeId::default(),
        verbatim: Vec::new(),
    }
}

/// Media types that templates are for.
const TYPES: [&str; 4] = [
    "application/json",
    "text/plain",
    "$default",
    "application/xml",
];

fn keyed(
    texts: &'static [&'static str],
    least: usize,
) -> impl Strategy<Value = Vec<(String, Template)>> {
    (
        prop_oneof![
            5 => Just(vec![TYPES[0]]),
            2 => proptest::sample::subsequence(TYPES.to_vec(), least..=2),
        ],
        proptest::collection::vec(one_of(texts), 2),
    )
        .prop_map(|(kinds, texts)| {
            kinds
                .into_iter()
                .zip(texts)
                .map(|(kind, text)| (kind.to_owned(), made(text)))
                .collect()
        })
}

pub(super) fn request() -> impl Strategy<Value = Vec<(String, Template)>> {
    prop_oneof![1 => Just(Vec::new()), 3 => keyed(&REQUEST, 0)]
}

pub(super) fn mock() -> impl Strategy<Value = Vec<(String, Template)>> {
    prop_oneof![1 => Just(Vec::new()), 9 => keyed(&MOCK, 1)]
}

pub(super) fn response() -> impl Strategy<Value = Vec<(String, Template)>> {
    prop_oneof![2 => Just(Vec::new()), 3 => keyed(&RESPONSE, 0)].prop_map(|mut templates| {
        // A response is chosen by `Accept`, which never is `$default`.
        templates.retain(|(kind, _)| kind != "$default");
        templates
    })
}

/// A gateway response's template: plain substitution.
pub(super) fn plain() -> impl Strategy<Value = Vec<(String, Template)>> {
    let texts = [
        "{\"m\": $context.error.messageString, \"t\": \"$context.error.responseType\", \"v\": \"$context.error.validationErrorString\"}",
        "${context.error.message} $context.httpMethod $stageVariables.v1. $method.request.header.x-a",
        "[$context.error.responseType] $context.error.validationErrorString",
        "$context.error.validationErrorString|$nothing|$context.none|$",
    ];
    prop_oneof![
        1 => Just(Vec::new()),
        2 => one_of(&texts).prop_map(|text| vec![("application/json".to_owned(), made(text))]),
        1 => (one_of(&texts), one_of(&texts)).prop_map(|(a, b)| {
            vec![("text/plain".to_owned(), made(a)), ("application/xml".to_owned(), made(b))]
        }),
    ]
}
