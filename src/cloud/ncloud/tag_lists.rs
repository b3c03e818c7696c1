//! Reads the lists that answer questions about tags, page by page.
//!
//! `tag_queries` chooses the lists, `resource_manager` asks for a page, and `tag_pages` joins them.

use std::collections::{BTreeMap, BTreeSet};
use std::pin::pin;

use futures_util::{StreamExt, stream};
use serde_json::json;

use super::resource_manager::{ResourceManager, unreadable};
use super::response::resources::{ExpectedPage, PAGE_SIZE, Resource};
use super::tag_pages::{List, Servers, body};
use super::tag_proof;
use super::tag_queries::{Query, queries, queries_by_key};
use crate::clock::Moment;
use crate::cloud::{CloudError, HoldValues, Holders, TagLists};
use crate::model::instance::{Instance, InstanceNo, RegionCode};
use crate::schedule::selector::TagQuestion;
use crate::schedule::tag_questions::TagQuestions;
use crate::text::normal_form::{forms, mixed_forms, same};

/// The number of pages that are asked for at a time: enough for ten answers a second from a cloud
/// that takes one second for each.
const PAGES_AT_ONCE: usize = 10;

/// A list with so many pages is likely to have many more. Those are asked for before it says so.
const MANY_PAGES: usize = 8;

/// The number of readings of a list whose pages contradict each other. A server may have come or
/// gone between two pages.
const MOST_READINGS: usize = 3;

/// The most lists of mixed forms. Four syllables have 79 forms.
const MOST_MIXED_FORMS: usize = 100;

/// The answers of lists about the tags of `listed`. If single readings need fewer calls than
/// lists, no list is read, and all of `listed` are candidates.
pub(super) async fn read(
    manager: &ResourceManager,
    (region, until): (&RegionCode, Moment),
    listed: &[Instance],
    questions: &TagQuestions,
) -> TagLists {
    let listed: BTreeSet<&InstanceNo> = listed.iter().map(|instance| &instance.no).collect();
    if are_better_read_each(manager, region, &listed, questions) {
        return all_candidates(&listed, questions);
    }
    let mut lists = Lists { manager, region, listed, until, found: BTreeMap::new() };
    let mut answers = TagLists::default();
    let mut forbidden = None;
    for question in &questions.selectors {
        let answer = match &forbidden {
            None => lists.holders(question).await,
            // Without the right to ask, the other questions will fail too.
            Some(error) => Err(CloudError::clone(error)),
        };
        if let Err(error @ CloudError::Forbidden { .. }) = &answer {
            forbidden = Some(error.clone());
        }
        answers.selectors.insert(question.clone(), answer);
    }
    if let Some(key) = &questions.hold {
        answers.hold = Some(match forbidden {
            None => lists.hold_values(key).await,
            Some(error) => Err(error),
        });
    }
    let listed = lists.listed;
    tag_proof::proven(manager, (region, until), &listed, answers).await
}

/// Whether reading the tags of each server needs fewer calls than reading lists.
fn are_better_read_each(
    manager: &ResourceManager,
    region: &RegionCode,
    listed: &BTreeSet<&InstanceNo>,
    questions: &TagQuestions,
) -> bool {
    let known = manager.known();
    let Some(known) = known.get(region) else { return false };
    let of_hold = questions.hold.iter().flat_map(|key| queries_by_key(key));
    let queries: BTreeSet<Query> =
        questions.selectors.iter().flat_map(queries).chain(of_hold).collect();
    let pages: usize = queries.iter().map(|query| known.pages.get(query).unwrap_or(&1)).sum();
    listed.len() < pages && listed.iter().all(|no| known.nrns.contains_key(*no))
}

/// The lists of one call, each read once.
#[derive(Debug)]
struct Lists<'a> {
    manager: &'a ResourceManager,
    region: &'a RegionCode,
    listed: BTreeSet<&'a InstanceNo>,
    until: Moment,
    found: BTreeMap<Query, Vec<Resource>>,
}

impl Lists<'_> {
    /// The servers for which the answer to a question is yes, as far as lists tell.
    async fn holders(&mut self, question: &TagQuestion) -> Result<Holders, CloudError> {
        let mut holders = Holders::default();
        for query in queries(question) {
            // A list by key alone proves nothing about the value.
            let tells = query.1.is_some() || question.value.matches_everything();
            for server in self.with_tag(query).await? {
                let no = server.no.clone();
                if !server.tags.is_empty() {
                    // The tags in a row are more certain than the filter.
                    holders.certain.extend(question.holds_for(&server.tags).then_some(no));
                } else if tells {
                    holders.certain.insert(no);
                } else {
                    holders.candidates.insert(no);
                }
            }
        }
        self.add_mixed_forms(question, &mut holders).await?;
        // Tags of resources that are no servers of the region are not needed.
        holders.candidates.retain(|no| self.listed.contains(no));
        Ok(holders)
    }

    /// Adds servers whose value differs from a literal only in form, in a form for which no list
    /// was read. For servers with the key that no list explains, there are two ways: lists of all
    /// mixed forms, or the tags of each server. The way with fewer calls is taken.
    async fn add_mixed_forms(
        &mut self,
        question: &TagQuestion,
        holders: &mut Holders,
    ) -> Result<(), CloudError> {
        let literals = question.value.literals().unwrap_or_default();
        let has_one_form = |it: &String| forms(it).len() == 1;
        // For an empty value every server with the key is a candidate already.
        if literals.iter().all(has_one_form) || literals.iter().any(String::is_empty) {
            return Ok(());
        }
        let mut others = BTreeSet::new();
        for query in queries_by_key(&question.key) {
            for server in self.with_tag(query).await? {
                if server.tags.is_empty() {
                    others.insert(server.no.clone());
                } else if question.holds_for(&server.tags) {
                    holders.certain.insert(server.no.clone());
                }
            }
        }
        others.retain(|no| self.listed.contains(no) && !holders.certain.contains(no));
        let most = others.len().min(MOST_MIXED_FORMS);
        let mixed: Option<Vec<Vec<String>>> =
            literals.iter().map(|literal| mixed_forms(literal, most)).collect();
        match mixed.map(|it| it.concat()).filter(|it| it.len() <= most) {
            Some(mixed) => {
                for key in forms(&question.key) {
                    for value in &mixed {
                        let servers = self.with_tag((key.clone(), Some(value.clone()))).await?;
                        holders.certain.extend(servers.iter().map(|server| server.no.clone()));
                    }
                }
            }
            None => holders.candidates.extend(others),
        }
        Ok(())
    }

    /// The values of the hold tag, as far as the list of its key tells.
    async fn hold_values(&mut self, key: &str) -> Result<HoldValues, CloudError> {
        let mut values = HoldValues::default();
        for query in queries_by_key(key) {
            for server in self.with_tag(query).await? {
                let value = server.tags.iter().find(|(known, _)| same(known, key));
                match value {
                    Some((_, value)) => {
                        values.certain.insert(server.no.clone(), value.clone());
                    }
                    None => {
                        values.candidates.insert(server.no.clone());
                    }
                }
            }
        }
        values.certain.retain(|no, _| self.listed.contains(no));
        values.candidates.retain(|no| self.listed.contains(no));
        Ok(values)
    }

    async fn with_tag(&mut self, query: Query) -> Result<&[Resource], CloudError> {
        if !self.found.contains_key(&query) {
            let (resources, pages) = self.every_page(&query).await?;
            let mut known = self.manager.known();
            let known = known.entry(self.region.clone()).or_default();
            known.pages.insert(query.clone(), pages);
            let nrns = resources.iter().filter_map(|it| Some((it.no.clone(), it.nrn.clone()?)));
            known.nrns.extend(nrns);
            self.found.insert(query.clone(), resources);
        }
        Ok(&self.found[&query])
    }

    /// Reads a list to its end. Returns the number of its pages, too.
    async fn every_page(&self, query: &Query) -> Result<(Vec<Resource>, usize), CloudError> {
        let mut odd = String::new();
        for _ in 0..MOST_READINGS {
            match self.read(query).await? {
                Ok((servers, pages)) => return Ok((servers.into_values().collect(), pages)),
                Err(contradiction) => odd = contradiction,
            }
        }
        Err(unreadable(odd))
    }

    /// The number of pages at the last reading; 0 for a list that was never read.
    fn pages_before(&self, query: &Query) -> usize {
        let known = self.manager.known();
        let known = known.get(self.region).and_then(|known| known.pages.get(query));
        known.copied().unwrap_or(0)
    }

    /// Reads a list once. The inner error says how its pages contradict each other.
    async fn read(&self, query: &Query) -> Result<Result<(Servers, usize), String>, CloudError> {
        let tag = match query {
            (key, Some(value)) => json!({ "tagKey": key, "tagValue": value }),
            (key, None) => json!({ "tagKey": key }),
        };
        let page = |index: usize| {
            let body = body(self.region, &tag, (index, PAGE_SIZE));
            async move {
                let is_server = |no: &InstanceNo| self.listed.contains(no);
                let asked =
                    ExpectedPage { region: self.region, page: index, is_server: &is_server };
                self.manager.page(&asked, body, self.until).await
            }
        };
        let mut next = page(0).await?;
        let expected = self.pages_before(query).max(next.pages_in_all()).max(1);
        let known = stream::iter(1..expected).map(&page).buffered(PAGES_AT_ONCE);
        let many = expected.max(MANY_PAGES);
        let few = stream::iter(expected..many).then(&page);
        // Answers beyond the last page are dropped.
        let more = stream::iter(many..).map(&page).buffered(PAGES_AT_ONCE);
        let mut others = pin!(known.chain(few).chain(more));
        let mut list = List::default();
        for pages in 1.. {
            let has_more = next.has_more;
            if let Err(odd) = list.add(next) {
                return Ok(Err(odd));
            }
            if !has_more {
                return Ok(list.whole().map(|servers| (servers, pages)));
            }
            next = others.next().await.expect("it has no end")?;
        }
        unreachable!("there is no last number")
    }
}

/// The answer before any tag was read: every server is a candidate.
fn all_candidates(listed: &BTreeSet<&InstanceNo>, questions: &TagQuestions) -> TagLists {
    let all = || listed.iter().copied().cloned().collect::<BTreeSet<_>>();
    let holders = || Holders { candidates: all(), ..Holders::default() };
    let values = || HoldValues { candidates: all(), ..HoldValues::default() };
    TagLists {
        selectors: questions.selectors.iter().map(|it| (it.clone(), Ok(holders()))).collect(),
        hold: questions.hold.as_ref().map(|_| Ok(values())),
    }
}
