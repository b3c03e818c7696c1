//! Checks the meaning of a file of the right form, and turns it into types that cannot be wrong.
//!
//! No check stops at the first problem: each one goes on as far as it can. `clash`, `doubt`,
//! `letters`, `overlap`, `overspending` and `pattern` warn of what is legal and suspicious. The
//! other files find errors. `syntax` checks the form.

mod account;
mod ahead;
mod audit;
mod budget;
mod calendar;
pub(super) mod checker;
mod clash;
mod days;
mod disabled;
mod doubt;
mod expect;
mod firings;
mod hold;
mod letters;
mod notify;
mod observe;
mod overlap;
mod overrides;
mod overspending;
mod pace;
mod pattern;
mod prices;
mod report_times;
mod rule;
mod selector;
mod unknown;
mod web;
mod window;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::mem::take;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use checker::{Check, Defaults};
use toml::Spanned;

use super::calendar::Calendars;
use super::hint::{Fix, Hint};
use super::prices::Prices;
use super::problems::Problems;
use super::raw::{self, Text};
use super::read_error::ReadCalendars;
use super::rule::{Rule, Schedules};
use super::source::Source;
use super::syntax::Losses;
use crate::model::instance::AccountName;
use crate::text::normal_form::on_disk;
use crate::text::secret_file::SecretFile;
use crate::time::duration::parse_duration;
use crate::time::zone::{Zone, at_offset, etc_offset};

pub use notify::HEARTBEAT;

const MAX_INSTANCES: u32 = 50;

/// The form of the name of a zone.
const ZONE_FORM: &str =
    "a zone has its name in the IANA database: a continent and a city, `CONTINENT/CITY`, or `UTC`";

/// Checks a file. Returns its meaning, as far as possible, and all problems.
///
/// `losses`: the parts that could not be read. Nothing is reported as missing there.
pub(super) fn check(
    file: raw::File,
    source: &Source<'_>,
    (path, calendar_files): (&Path, ReadCalendars<'_>),
    losses: &Losses,
) -> (Schedules, Problems) {
    let folder = path.parent().unwrap_or(Path::new("")).to_owned();
    let mut check = Check {
        source,
        folder,
        calendar_files,
        losses,
        problems: Problems::default(),
        zones: HashMap::new(),
        crons: HashMap::new(),
        calendars: Calendars::default(),
        knows_calendars: true,
        days_left: calendar::MOST_DAYS,
        tables: HashMap::new(),
        lists_show_no_tags: false,
        costly: BTreeSet::new(),
    };
    let schedules = check.file(file, path);
    (schedules, check.problems)
}

/// A plain `collect` would go on using the room of whole rules for pointers to them.
fn shared(rules: Vec<Rule>) -> Vec<Arc<Rule>> {
    let mut shared = Vec::with_capacity(rules.len());
    shared.extend(rules.into_iter().map(Arc::new));
    shared
}

impl Check<'_> {
    fn file(&mut self, file: raw::File, path: &Path) -> Schedules {
        let blind = budget::Blind::of(&file);
        let accounts = list(file.accounts);
        let names = accounts.keys().map(|name| name.get_ref().clone()).collect();
        let limits = file.limits.unwrap_or_default();
        let grace = limits.grace.and_then(|grace| self.duration(&grace, parse_duration));
        let defaults = Defaults {
            names_zone: file.timezone.is_some(),
            zone: file.timezone.and_then(|name| self.zone(&name)),
            max_instances: limits.max_instances.unwrap_or(MAX_INSTANCES),
            grace: grace.unwrap_or_default(),
            never_looks: file.observe.as_ref().is_some_and(observe::is_off),
            accounts: names,
        };
        let audit = self.audit(file.audit);
        let observe = self.observe(file.observe);
        let web = file.web.map(|web| self.web(web)).unwrap_or_default();
        let accounts: BTreeMap<AccountName, _> = accounts
            .into_iter()
            .filter_map(|(name, account)| self.account(&name, account))
            .map(|account| (account.name.clone(), account))
            .collect();
        self.lists_show_no_tags = accounts.values().any(|it| !it.platform.lists_show_tags());
        let budget = self.budget(file.budget, blind);
        let holds = self.holds(file.holds, limits.max_hold);
        let protect = self.selector(file.protect.unwrap_or_default(), "[protect]");
        let rules = list(file.rules);
        let overrides = list(file.overrides);
        let expect = list(file.expect);
        let notify = list(file.notify);
        let platforms = accounts.iter().map(|(name, it)| (name.clone(), it.platform)).collect();
        let prices = file.prices.map(|prices| Prices { platforms, ..self.prices(prices) });
        let heartbeat_url = file.heartbeat_url.and_then(|url| self.secret_url(&url));
        self.calendars(list(file.calendars), defaults.zone.unwrap_or(Zone::UTC));
        self.missing_parts(&rules, &expect, &defaults);
        self.zone_of_expectations(&rules, &expect, &defaults);
        let (rules, overrides) = self.rules(rules, overrides, &defaults);
        let timezone = defaults.zone.or_else(|| common_zone(&rules));
        let expect = self.expect(expect, &defaults, timezone);
        let notify = self.notify(notify, timezone);
        Schedules {
            text: self.source.text.to_owned(),
            path: path.to_owned(),
            timezone: timezone.unwrap_or(Zone::UTC),
            audit,
            accounts,
            budget,
            max_instances: defaults.max_instances,
            holds,
            calendars: take(&mut self.calendars),
            protect,
            rules: shared(rules),
            overrides,
            notify,
            prices,
            heartbeat_url,
            expect,
            unmet: Arc::default(),
            observe,
            web,
        }
    }

    fn missing_parts(
        &mut self,
        rules: &[Spanned<raw::Rule>],
        expect: &[Spanned<raw::Expect>],
        defaults: &Defaults,
    ) {
        if rules.is_empty() && !self.losses.hide("rules") {
            let message = "there are no rules, so nothing will happen";
            let hint = "`lightsout add` writes one; a rule begins with `[[rules]]`";
            self.problems.push(self.source.warning(0..0, message, hint));
        }
        if !defaults.accounts.is_empty() || self.losses.hide("accounts") {
            return;
        }
        let hint = "add `[accounts.main]` with `platform = \"vpc\"` or `\"classic\"`";
        let expected = || expect.iter().find_map(|entry| entry.get_ref().instance.as_ref());
        if let Some(first) = rules.first() {
            self.error(first.span(), "there is no account to do this in", hint);
        } else if let Some(first) = expected() {
            self.error(first.span(), "there is no account that this could be in", hint);
        }
    }

    /// `written`, at `span`, as a path relative to the file's folder.
    fn path(&mut self, written: &str, span: Range<usize>) -> Option<PathBuf> {
        let wrong = match written {
            "" => Some(("the path is empty", "leave the key out for its default")),
            _ if written.contains('\0') => Some(("a path holds no NUL", "remove the `\\u0000`")),
            _ if written.contains(char::is_control) => {
                Some(("the path holds a tab or a line break", "between single quotes, `\\` is one"))
            }
            _ if written.starts_with('~') => {
                Some(("`~` is not expanded here", "write the path in full, from `/` on"))
            }
            _ => None,
        };
        if let Some((message, words)) = wrong {
            // `"C:\temp"`: within single quotes a backslash is only a character.
            let literal = self.source.text.get(span.clone()).and_then(|written| {
                let inner = written.strip_prefix('"')?.strip_suffix('"')?;
                let is_plain = !inner.contains(['\'', '"']) && !inner.contains("\\\\");
                is_plain.then(|| format!("'{inner}'"))
            });
            let hint = match literal {
                Some(literal) if written.contains(['\t', '\n', '\r']) => {
                    Hint::write(&literal, Fix::new(span.clone(), &*literal))
                }
                _ => words.into(),
            };
            self.error(span, message, hint);
            return None;
        }
        Some(on_disk(&self.folder.join(written)))
    }

    /// The same for a file with a secret, which may be a credential of the service.
    fn secret_file(&mut self, written: &str, span: Range<usize>) -> Option<SecretFile> {
        self.path(written, span).map(|path| SecretFile::new(written, path))
    }

    fn zone(&mut self, name: &Text) -> Option<Zone> {
        let known = self.zones.entry(name.get_ref().clone()).or_insert_with_key(|key| key.parse());
        let unknown = match known.clone() {
            Ok(zone) => {
                self.warn_of_turned_sign(name);
                return Some(zone);
            }
            Err(unknown) => unknown,
        };
        let near = (!self.source.has_said_enough()).then(|| unknown.near()).flatten();
        let hint = if let Some(near) = near {
            Hint::meant(near, self.source.rewriting(name, near))
        } else {
            let choices = both_signs(name.get_ref());
            choices.unwrap_or_else(|| ZONE_FORM.to_owned()).into()
        };
        self.error(name.span(), unknown.to_string(), hint);
        None
    }

    /// People who write `Etc/GMT+9` mean the opposite.
    fn warn_of_turned_sign(&mut self, name: &Text) {
        let Some(minutes) = etc_offset(name.get_ref()) else { return };
        let hours = minutes / 60;
        let named = |hours: i32| {
            let place = at_offset(hours * 60).map(|place| format!(", as in `{place}`"));
            format!("UTC{hours:+}{}", place.unwrap_or_default())
        };
        let message = format!(
            "`{}` is {}: the signs of these names are turned round",
            name.get_ref(),
            named(hours)
        );
        let hint = format!("name the place that is meant; the opposite is {}", named(-hours));
        let problem = self.source.warning(name.span(), message, hint);
        self.problems.push(problem);
    }

    fn error(&mut self, span: Range<usize>, message: impl Into<String>, hint: impl Into<Hint>) {
        self.problems.push(self.source.error(span, message, hint));
    }

    /// An error in a value that may be a secret.
    fn secret_error(&mut self, span: Range<usize>, message: &str, hint: &str) {
        self.problems.push(self.source.secret_error(span, message, hint));
    }
}

/// The two zones that `UTC 9` may mean.
fn both_signs(name: &str) -> Option<String> {
    let hours = ["UTC", "GMT"].into_iter().find_map(|begin| name.trim().strip_prefix(begin))?;
    let minutes = hours.trim().parse::<i32>().ok().filter(|hours| (1..=12).contains(hours))? * 60;
    let (east, west) = (at_offset(minutes)?, at_offset(-minutes)?);
    Some(format!("say on which side: `{east}` is ahead of UTC by so much, `{west}` behind it"))
}

/// The content of a list or table; empty if there is none.
fn list<L: Default>(list: Option<Spanned<L>>) -> L {
    list.map(Spanned::into_inner).unwrap_or_default()
}

/// The zone that all rules share, if they do.
fn common_zone(rules: &[Rule]) -> Option<Zone> {
    let first = rules.first()?.timezone;
    rules.iter().all(|rule| rule.timezone == first).then_some(first)
}
