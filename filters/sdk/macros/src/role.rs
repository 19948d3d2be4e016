//! What an attribute makes of a function: a SmartStream of one kind, or something that accompanies it.

use proc_macro::{Span, TokenStream, TokenTree};

use crate::function::is_word;
use crate::problem::Problem;

pub struct Role {
    /// In the attribute's parentheses, and in the name of the export.
    pub word: &'static str,
    /// The type that has its name in the guest SDK.
    pub marker: &'static str,
    /// With its article.
    pub noun: &'static str,
    pub shape: &'static str,
    pub takes: &'static str,
    pub returns: &'static str,
}

const RECORD: &str = "the value, `&[u8]` or `&str`, or the whole record, `&Record`";

const FILTER: Role = Role {
    word: "filter",
    marker: "Filter",
    noun: "a filter",
    shape: "fn name(value: &[u8]) -> bool",
    takes: RECORD,
    returns: "`bool` or `Result<bool>`: whether the record passes",
};

const MAP: Role = Role {
    word: "map",
    marker: "Map",
    noun: "a map",
    shape: "fn name(value: &str) -> String",
    takes: RECORD,
    returns: "the new value or `(key, value)`, or a `Result` of that",
};

const FILTER_MAP: Role = Role {
    word: "filter_map",
    marker: "FilterMap",
    noun: "a filter_map",
    shape: "fn name(value: &str) -> Option<String>",
    takes: RECORD,
    returns: "an `Option` of a new value or of `(key, value)`, or a `Result` of that",
};

const ARRAY_MAP: Role = Role {
    word: "array_map",
    marker: "ArrayMap",
    noun: "an array_map",
    shape: "fn name(value: &str) -> Vec<String>",
    takes: RECORD,
    returns: "a `Vec` of new values or of `(key, value)`, or a `Result` of that",
};

const AGGREGATE: Role = Role {
    word: "aggregate",
    marker: "Aggregate",
    noun: "an aggregate",
    shape: "fn name(total: i64, value: &str) -> i64",
    takes: "its value so far, a number, `&str`, `&[u8]` or `RecordData`, and then the value of the record, `&[u8]` or \
            `&str`, or the whole record, `&Record`",
    returns: "its new value, or a `Result` of that",
};

const INIT: Role = Role {
    word: "init",
    marker: "Init",
    noun: "an init",
    shape: "fn init(params: &Params) -> Result<()>",
    takes: "the parameters, `&Params` or `SmartModuleExtraParams`",
    returns: "`Result<()>`, or a `Result` of settings for the function of the kind",
};

const LOOK_BACK: Role = Role {
    word: "look_back",
    marker: "LookBack",
    noun: "a look_back",
    shape: "fn name(value: &[u8]) -> Result<()>",
    takes: RECORD,
    returns: "`Result<()>`, or nothing",
};

const ROLES: [&Role; 7] = [&FILTER, &MAP, &FILTER_MAP, &ARRAY_MAP, &AGGREGATE, &INIT, &LOOK_BACK];

impl Role {
    /// As in `#[smartstream(filter)]`; whether it is as in `#[smartmodule(filter, params)]`, Fluvio's of 2021.
    pub fn of_word(arguments: TokenStream, attribute: &str) -> Result<(&'static Role, bool), Problem> {
        let tokens: Vec<TokenTree> = arguments.into_iter().collect();
        match tokens.as_slice() {
            [TokenTree::Ident(word)] => named(&word.to_string()).map(|role| (role, false)),
            [TokenTree::Ident(word), _, params] if is_word(params, "params") => {
                named(&word.to_string()).filter(|role| role.is_kind()).map(|role| (role, true))
            }
            _ => None,
        }
        .ok_or_else(|| Problem::over(&tokens, Span::call_site(), expected(&format!("{}(filter)", attribute))))
    }

    /// As in `#[wasm_bindgen(type = "filter")]`.
    pub fn of_type(arguments: TokenStream) -> Result<(&'static Role, bool), Problem> {
        let tokens: Vec<TokenTree> = arguments.into_iter().collect();
        let written: Vec<String> = tokens.iter().map(TokenTree::to_string).collect();
        match written.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
            ["type", "=", word] => named(word.trim_matches('"')).map(|role| (role, false)),
            _ => None,
        }
        .ok_or_else(|| Problem::over(&tokens, Span::call_site(), expected("wasm_bindgen(type = \"filter\")")))
    }

    /// Whether it makes a file a SmartStream; otherwise it accompanies one.
    pub fn is_kind(&self) -> bool {
        !self.is_init() && self.word != "look_back"
    }

    pub fn is_init(&self) -> bool {
        self.word == "init"
    }

    /// How many arguments a function has, without the settings.
    pub fn arguments(&self) -> usize {
        1 + (self.word == "aggregate") as usize
    }

    /// A sentence about what a function takes.
    pub fn takes(&self) -> String {
        let last =
            if self.is_init() { "" } else { "; the last argument may be a reference to what `init` returns" };
        format!("{} takes {}{}", self.noun, self.takes, last)
    }

    /// A sentence about what a function returns.
    pub fn returns(&self) -> String {
        format!("{} returns {}", self.noun, self.returns)
    }

    /// How to write a function.
    pub fn shape(&self) -> String {
        format!("write {} as `{}`", self.noun, self.shape)
    }
}

fn named(word: &str) -> Option<&'static Role> {
    ROLES.iter().copied().find(|role| role.word == word)
}

fn expected(example: &str) -> String {
    let words: Vec<&str> = ROLES.iter().map(|role| role.word).collect();
    format!("expected e.g. `#[{}]`: there are {}", example, words.join(", "))
}
