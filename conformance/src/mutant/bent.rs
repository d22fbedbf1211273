//! The model with what it sends, or tells its user, bent.

use crate::model::Model;
use crate::monitor::MonitorId;
use crate::subject::{Description, Factory, Subject};

/// The model, bent so that a monitor has something to catch.
#[derive(Clone, Debug)]
pub struct Bent {
    /// The model.
    pub model: Model,
    /// The monitor.
    pub id: MonitorId,
}

impl Factory for Bent {
    fn describe(&self) -> Description {
        self.model.describe()
    }

    fn make(&self) -> Box<dyn Subject> {
        self.model.make()
    }
}
