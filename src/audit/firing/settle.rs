//! The instances of a firing: their state when found, and their outcome.

use crate::audit::store::audit_log::AuditLog;
use crate::audit::store::error::AuditError;
use crate::audit::store::record::{OutcomeRecord, TargetRecord, text};
use crate::audit::store::write_tx::writing;
use crate::model::ids::FiringId;
use crate::model::instance::Instance;
use crate::model::settlement::Settlement;

impl AuditLog {
    /// Records the matched instances of a firing, with the settlements that are known at once. One
    /// transaction holds both: if the process died in between, a protected instance would look like
    /// one without its request. An instance skipped for a hold or
    /// a grace also gets its deferred action.
    pub async fn targets(
        &self,
        firing: FiringId,
        instances: &[&Instance],
        settlements: &[Settlement],
    ) -> Result<(), AuditError> {
        let record = |instance: &&Instance| TargetRecord {
            firing: firing.0,
            region: instance.region.to_string(),
            instance_no: instance.no.to_string(),
            instance_name: text(&instance.name),
            status_before: text(instance.status.code()),
            operation_before: text(instance.operation.code()),
        };
        let targets: Vec<_> = instances.iter().map(record).collect();
        let outcomes: Vec<_> = settlements.iter().map(|said| record_of(firing, said)).collect();
        writing!(self, |tx| {
            tx.must_hold(firing).await?;
            tx.append(&targets).await?;
            tx.append(&outcomes).await?;
            self.append_owed(tx, firing, settlements).await?;
            Ok(())
        })
    }

    /// Records the settlements of instances, or of the whole firing. An instance skipped for a hold
    /// or a grace also gets its deferred action.
    pub async fn settle(
        &self,
        firing: FiringId,
        settlements: &[Settlement],
    ) -> Result<(), AuditError> {
        let records: Vec<_> =
            settlements.iter().map(|settlement| record_of(firing, settlement)).collect();
        if records.is_empty() {
            return Ok(());
        }
        writing!(self, |tx| {
            tx.must_hold(firing).await?;
            tx.append(&records).await?;
            self.append_owed(tx, firing, settlements).await?;
            Ok(())
        })
    }
}

pub(crate) fn record_of(firing: FiringId, settlement: &Settlement) -> OutcomeRecord {
    OutcomeRecord {
        firing: firing.0,
        region: settlement.region.as_ref().map(ToString::to_string),
        instance_no: settlement.instance.as_ref().map(ToString::to_string),
        outcome: settlement.outcome.as_str(),
        reason: settlement.reason.as_ref().map(|reason| text(&reason.to_string())),
        status_after: settlement.status_after.as_deref().map(text),
    }
}
