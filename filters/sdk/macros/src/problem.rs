//! A mistake in a SmartStream, reported by the compiler at its location.

use proc_macro::{Delimiter, Group, Ident, Literal, Punct, Spacing, Span, TokenStream, TokenTree};

pub struct Problem {
    first: Span,
    last: Span,
    text: String,
}

impl Problem {
    pub fn at(span: Span, text: impl Into<String>) -> Self {
        Problem { first: span, last: span, text: text.into() }
    }

    /// A mistake that spans `tokens`, or is at `otherwise` if there are none.
    pub fn over(tokens: &[TokenTree], otherwise: Span, text: impl Into<String>) -> Self {
        let first = tokens.first().map_or(otherwise, TokenTree::span);
        let last = tokens.last().map_or(first, TokenTree::span);
        Problem { first, last, text: text.into() }
    }

    /// `::core::compile_error! { "text" }`, underlined from `first` to `last`.
    pub fn into_tokens(self) -> TokenStream {
        let mut tokens = Vec::new();
        for word in ["core", "compile_error"] {
            tokens.push(TokenTree::from(Punct::new(':', Spacing::Joint)));
            tokens.push(TokenTree::from(Punct::new(':', Spacing::Alone)));
            tokens.push(TokenTree::from(Ident::new(word, self.first)));
        }
        tokens.push(TokenTree::from(Punct::new('!', Spacing::Alone)));
        let text = TokenTree::from(Literal::string(&self.text));
        tokens.push(TokenTree::from(Group::new(Delimiter::Brace, text.into())));
        let last = tokens.len() - 1;
        for (index, token) in tokens.iter_mut().enumerate() {
            token.set_span(if index == last { self.last } else { self.first });
        }
        tokens.into_iter().collect()
    }
}
