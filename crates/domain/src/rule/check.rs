//! Checks an expression against its survey: every name is there, every part is of the sort that its place asks for. What comes out is
//! the plain form.

use super::{EXPRESSION_MAX, RuleError, Sort, plain};
use crate::{
    survey::{Care, ItemKind, Status, Survey},
    text,
};
use cel::{
    IdedExpr,
    common::ast::{CallExpr, Expr, LiteralValue, operators},
};

/// Parts inside of one another.
const DEPTH_MAX: usize = 32;
/// Up to here every whole number is exact, and a sum of a thousand of them is.
const NUMBER_MAX: f64 = 1e12;

/// What is known of a part.
#[derive(Debug, Clone, PartialEq)]
enum Type {
    Number,
    Condition,
    Text,
    Date,
    Time,
    /// An answer that is one of some words.
    Word(Vec<String>),
    /// A word in quotes: becomes what it stands beside.
    Quoted(String),
}

impl Type {
    fn sort(&self) -> Sort {
        match self {
            Self::Number => Sort::Number,
            Self::Condition => Sort::Condition,
            Self::Text => Sort::Text,
            Self::Date => Sort::Date,
            Self::Time => Sort::Time,
            Self::Word(_) | Self::Quoted(_) => Sort::Word,
        }
    }

    fn of(kind: &ItemKind) -> Self {
        let words = |words: &[&str]| Self::Word(words.iter().map(|w| (*w).to_owned()).collect());
        match kind {
            ItemKind::Count { .. } => Self::Number,
            ItemKind::Status { not_available } => words(
                &Status::ALL
                    .into_iter()
                    .filter(|s| *s != Status::NoAnswer && (*not_available || *s != Status::NotAvailable))
                    .map(Status::as_str)
                    .collect::<Vec<_>>(),
            ),
            ItemKind::Care {} => words(&Care::ALL.map(Care::as_str)),
            ItemKind::Choice { options } => Self::Word(options.iter().map(|o| o.id.clone()).collect()),
            ItemKind::YesNo {} => words(&["yes", "no"]),
            ItemKind::Date { .. } => Self::Date,
            ItemKind::Time { .. } => Self::Time,
            ItemKind::Text { .. } | ItemKind::Phone {} => Self::Text,
        }
    }
}

/// What the check makes of an expression.
pub(super) struct Checked {
    /// The plain form.
    pub plain: String,
    /// The items that it names, in their order.
    pub items: Vec<String>,
    /// Those of them whose answer in the last report it names.
    pub last_items: Vec<String>,
}

/// Checks an expression.
pub(super) fn check(text: &str, survey: &Survey) -> Result<Checked, RuleError> {
    if text.trim().is_empty() {
        return Err(RuleError::Empty);
    }
    if text.chars().count() > EXPRESSION_MAX {
        return Err(RuleError::TooLong { max: EXPRESSION_MAX });
    }
    let mut checker = Checker { survey, items: Vec::new(), last_items: Vec::new(), depth: 0 };
    let (plain, found) = checker.part(&plain::parse(text)?)?;
    if found != Type::Condition {
        return Err(RuleError::NotACondition { found: found.sort() });
    }
    if checker.items.is_empty() {
        return Err(RuleError::NamesNoItem);
    }
    Ok(Checked { plain, items: checker.items, last_items: checker.last_items })
}

/// A part in plain form, with what it is.
type Part = (String, Type);

struct Checker<'a> {
    survey: &'a Survey,
    items: Vec<String>,
    last_items: Vec<String>,
    depth: usize,
}

impl Checker<'_> {
    fn part(&mut self, part: &IdedExpr) -> Result<Part, RuleError> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(RuleError::TooDeep);
        }
        let checked = match &part.expr {
            Expr::Literal(literal) => written(literal),
            Expr::Ident(_) | Expr::Select(_) => self.name(&part.expr, ""),
            Expr::Call(call) => self.call(call),
            Expr::List(_) => Err(RuleError::NotInRules { what: "[ ]".to_owned() }),
            Expr::Map(_) | Expr::Struct(_) => Err(RuleError::NotInRules { what: "{ }".to_owned() }),
            Expr::Comprehension(_) | Expr::Unspecified => Err(RuleError::TooDeep),
        };
        self.depth -= 1;
        checked
    }

    /// An answer, of this report or the last, or what is known of the hospital and the day.
    fn name(&mut self, name: &Expr, prefix: &str) -> Result<Part, RuleError> {
        let (root, field) = match name {
            Expr::Ident(name) => (name.as_str(), None),
            Expr::Select(select) => match &select.operand.expr {
                Expr::Ident(root) if !select.test => (root.as_str(), Some(select.field.as_str())),
                _ => return Err(RuleError::NotInRules { what: format!(".{}", select.field) }),
            },
            _ => return Err(RuleError::TooDeep),
        };
        let (id, when) = match (root, field) {
            (plain::LICENSED_BEDS, None) => return Ok((format!("{prefix}{root}"), Type::Number)),
            (plain::REPORT_DATE, None) => return Ok((format!("{prefix}{root}"), Type::Date)),
            ("previous", Some(field)) => (field, plain::LAST),
            (root, None) => (root, plain::NOW),
            (root, Some(field)) => return Err(RuleError::NotInRules { what: format!("{root}.{field}") }),
        };
        let item = self.survey.item(id).ok_or_else(|| RuleError::UnknownName { name: id.to_owned() })?;
        for (list, named) in [(&mut self.items, true), (&mut self.last_items, when == plain::LAST)] {
            if named && !list.iter().any(|known| known == id) {
                list.push(id.to_owned());
            }
        }
        Ok((format!("{prefix}{when}{id}"), Type::of(&item.kind)))
    }

    fn call(&mut self, call: &CallExpr) -> Result<Part, RuleError> {
        if call.target.is_some() {
            return Err(RuleError::NotInRules { what: format!(".{}( )", call.func_name) });
        }
        match (call.func_name.as_str(), call.args.as_slice()) {
            (operators::LOGICAL_AND, [a, b]) => self.both(a, "&&", b),
            (operators::LOGICAL_OR, [a, b]) => self.both(a, "||", b),
            (operators::LOGICAL_NOT, [a]) => Ok((format!("(!{})", self.expect(a, Sort::Condition)?), Type::Condition)),
            (operators::EQUALS, [a, b]) => self.comparison(a, "==", b, false),
            (operators::NOT_EQUALS, [a, b]) => self.comparison(a, "!=", b, false),
            (operators::LESS, [a, b]) => self.comparison(a, "<", b, true),
            (operators::LESS_EQUALS, [a, b]) => self.comparison(a, "<=", b, true),
            (operators::GREATER, [a, b]) => self.comparison(a, ">", b, true),
            (operators::GREATER_EQUALS, [a, b]) => self.comparison(a, ">=", b, true),
            (operators::IN, [a, list]) => self.one_of(a, list),
            (operators::ADD, [a, b]) => self.computed(a, "+", b),
            (operators::SUBSTRACT, [a, b]) => self.computed(a, "-", b),
            (operators::NEGATE, [a]) => Ok((format!("(-{})", self.expect(a, Sort::Number)?), Type::Number)),
            (operators::MULTIPLY, [a, b]) => self.listed("times", a, b),
            (operators::DIVIDE, [_, b]) if is_zero(b) => Err(RuleError::DividesByZero),
            (operators::DIVIDE, [a, b]) => self.listed("divided", a, b),
            (operators::MODULO, _) => Err(RuleError::NotInRules { what: "%".to_owned() }),
            (operators::INDEX | operators::OPT_INDEX | operators::OPT_SELECT, _) => Err(RuleError::NotInRules { what: "[ ]".to_owned() }),
            (operators::CONDITIONAL, [condition, a, b]) => self.either(condition, a, b),
            (name, arguments) => self.function(name, arguments),
        }
    }

    fn function(&mut self, name: &str, arguments: &[IdedExpr]) -> Result<Part, RuleError> {
        match (name, arguments) {
            ("sum", _) => self.answered("sum", arguments),
            ("min", _) => self.answered("min", arguments),
            ("max", _) => self.answered("max", arguments),
            ("known", _) => self.known(arguments),
            ("abs", [a]) => Ok((format!("abs([{}])", self.expect(a, Sort::Number)?), Type::Number)),
            ("abs", _) => Err(RuleError::Arguments { function: "abs", takes: "a" }),
            ("days", [a, b]) => Ok((format!("days([{}, {}])", self.date(a)?, self.date(b)?), Type::Number)),
            ("days", _) => Err(RuleError::Arguments { function: "days", takes: "from, to" }),
            _ => Err(RuleError::UnknownFunction { name: name.to_owned() }),
        }
    }

    /// A function of those answers that are known.
    fn answered(&mut self, function: &'static str, arguments: &[IdedExpr]) -> Result<Part, RuleError> {
        let mut plain = Vec::new();
        for name in names(function, arguments)? {
            let (one, found) = self.name(&name.expr, plain::MAYBE)?;
            if found != Type::Number {
                return Err(wrong(name, Sort::Number, &found));
            }
            plain.push(one);
        }
        Ok((format!("{function}([{}])", plain.join(", ")), Type::Number))
    }

    fn known(&mut self, arguments: &[IdedExpr]) -> Result<Part, RuleError> {
        let mut plain = Vec::new();
        for name in names("known", arguments)? {
            plain.push(self.name(&name.expr, plain::MAYBE)?.0);
        }
        Ok((format!("known([{}])", plain.join(", ")), Type::Condition))
    }

    fn expect(&mut self, part: &IdedExpr, expected: Sort) -> Result<String, RuleError> {
        let (plain, found) = self.part(part)?;
        if found.sort() == expected { Ok(plain) } else { Err(wrong(part, expected, &found)) }
    }

    fn date(&mut self, part: &IdedExpr) -> Result<String, RuleError> {
        let (plain, found) = self.part(part)?;
        match found {
            Type::Date => Ok(plain),
            Type::Quoted(word) => fits(&word, &Type::Date).map(|()| plain),
            found => Err(wrong(part, Sort::Date, &found)),
        }
    }

    fn both(&mut self, a: &IdedExpr, sign: &str, b: &IdedExpr) -> Result<Part, RuleError> {
        let (a, b) = (self.expect(a, Sort::Condition)?, self.expect(b, Sort::Condition)?);
        Ok((format!("({a} {sign} {b})"), Type::Condition))
    }

    fn computed(&mut self, a: &IdedExpr, sign: &str, b: &IdedExpr) -> Result<Part, RuleError> {
        let (a, b) = (self.expect(a, Sort::Number)?, self.expect(b, Sort::Number)?);
        Ok((format!("({a} {sign} {b})"), Type::Number))
    }

    fn listed(&mut self, function: &str, a: &IdedExpr, b: &IdedExpr) -> Result<Part, RuleError> {
        let (a, b) = (self.expect(a, Sort::Number)?, self.expect(b, Sort::Number)?);
        Ok((format!("{function}([{a}, {b}])"), Type::Number))
    }

    fn comparison(&mut self, a: &IdedExpr, sign: &str, b: &IdedExpr, ordered: bool) -> Result<Part, RuleError> {
        let ((a, left), (b, right)) = (self.part(a)?, self.part(b)?);
        let common = common(left, right)?;
        if ordered && !matches!(common, Type::Number | Type::Date | Type::Time) {
            return Err(RuleError::NotComparable { left: common.sort(), right: common.sort() });
        }
        Ok((format!("({a} {sign} {b})"), Type::Condition))
    }

    fn one_of(&mut self, a: &IdedExpr, list: &IdedExpr) -> Result<Part, RuleError> {
        let Expr::List(list) = &list.expr else {
            return Err(RuleError::Arguments { function: "in", takes: "[a, b, …]" });
        };
        let (plain, of) = self.part(a)?;
        let mut words = Vec::new();
        for word in &list.elements {
            // Only what is written: an unknown answer in the list would hide the others.
            let Expr::Literal(literal) = &word.expr else {
                return Err(RuleError::Arguments { function: "in", takes: "[a, b, …]" });
            };
            let (word, found) = written(literal)?;
            common(of.clone(), found)?;
            words.push(word);
        }
        if words.is_empty() {
            return Err(RuleError::Arguments { function: "in", takes: "[a, b, …]" });
        }
        Ok((format!("({plain} in [{}])", words.join(", ")), Type::Condition))
    }

    fn either(&mut self, condition: &IdedExpr, a: &IdedExpr, b: &IdedExpr) -> Result<Part, RuleError> {
        let condition = self.expect(condition, Sort::Condition)?;
        let ((a, left), (b, right)) = (self.part(a)?, self.part(b)?);
        Ok((format!("({condition} ? {a} : {b})"), common(left, right)?))
    }
}

fn written(literal: &LiteralValue) -> Result<Part, RuleError> {
    let no = |what: &str| Err(RuleError::NotInRules { what: what.to_owned() });
    let number = |n: f64| {
        let exact = n.is_finite() && n.abs() <= NUMBER_MAX;
        if exact { Ok((plain::number(n), Type::Number)) } else { Err(RuleError::NumberTooLarge) }
    };
    match literal {
        LiteralValue::Boolean(b) => Ok((b.inner().to_string(), Type::Condition)),
        LiteralValue::Double(n) => number(*n.inner()),
        #[expect(clippy::cast_precision_loss, reason = "what is not exact is refused next")]
        LiteralValue::Int(n) => number(*n.inner() as f64),
        LiteralValue::String(word) => Ok((plain::quoted(word.inner()), Type::Quoted(word.inner().to_owned()))),
        LiteralValue::Bytes(_) => no("b\"…\""),
        LiteralValue::UInt(_) => no("1u"),
        LiteralValue::Null => no("null"),
    }
}

fn is_zero(part: &IdedExpr) -> bool {
    match &part.expr {
        Expr::Literal(LiteralValue::Int(n)) => *n.inner() == 0,
        Expr::Literal(LiteralValue::Double(n)) => *n.inner() == 0.0,
        _ => false,
    }
}

/// What both sides of a comparison are, with a word in quotes taken for what it stands beside.
fn common(left: Type, right: Type) -> Result<Type, RuleError> {
    match (left, right) {
        (left, right) if left == right => Ok(left),
        (Type::Quoted(word), other) | (other, Type::Quoted(word)) => fits(&word, &other).map(|()| other),
        (left, right) => Err(RuleError::NotComparable { left: left.sort(), right: right.sort() }),
    }
}

fn fits(word: &str, as_type: &Type) -> Result<(), RuleError> {
    let literal = |fits: bool, sort| if fits { Ok(()) } else { Err(RuleError::BadLiteral { word: word.to_owned(), sort }) };
    match as_type {
        Type::Text | Type::Quoted(_) => Ok(()),
        Type::Date => literal(text::is_iso_date(word), Sort::Date),
        Type::Time => literal(text::is_clock(word), Sort::Time),
        Type::Word(allowed) if allowed.iter().any(|a| a == word) => Ok(()),
        Type::Word(allowed) => Err(RuleError::UnknownWord { word: word.to_owned(), allowed: allowed.clone() }),
        Type::Number | Type::Condition => Err(RuleError::NotComparable { left: as_type.sort(), right: Sort::Word }),
    }
}

/// The names that a function is given, as a list or one after the other.
fn names<'e>(function: &'static str, arguments: &'e [IdedExpr]) -> Result<&'e [IdedExpr], RuleError> {
    let given = match arguments {
        [IdedExpr { expr: Expr::List(list), .. }] => &list.elements,
        _ => arguments,
    };
    let all_names = given.iter().all(|e| matches!(e.expr, Expr::Ident(_) | Expr::Select(_)));
    if given.is_empty() || !all_names {
        return Err(RuleError::Arguments { function, takes: if function == "known" { "a" } else { "[a, b, …]" } });
    }
    Ok(given)
}

fn wrong(part: &IdedExpr, expected: Sort, found: &Type) -> RuleError {
    let part = match &part.expr {
        Expr::Ident(name) => name.clone(),
        Expr::Select(select) => format!("previous.{}", select.field),
        Expr::Literal(_) => match found {
            Type::Quoted(word) => word.clone(),
            _ => String::new(),
        },
        Expr::Call(call) if call.func_name.starts_with(char::is_alphabetic) => format!("{}(…)", call.func_name),
        _ => String::new(),
    };
    RuleError::WrongSort { part, expected, found: found.sort() }
}
