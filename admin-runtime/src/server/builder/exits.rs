//! From a builder to a server.

use std::sync::Arc;

use super::{
    AdminServer, Builder, RunningServer, StartError, assemble, problems_of_listening,
    start_warnings,
};
use crate::audit_mask::AuditMasks;
use crate::discover;
use crate::filter::AdminFilter;
use crate::health::{HealthChecks, problems as health_problems};
use crate::index::{IndexTexts, LinkedPage, MountPrefix};
use crate::listener::PlannedListener;
use crate::openapi::{Access, OpenApiDocuments};
use crate::periodic::{PeriodicThreads, problems as periodic_problems};
use crate::registry::{BuildError, Problem, Registry, sort};
use crate::request::{Services, StopSignal};
use crate::server_context::{ServerContext, ServerParts};
use crate::service::AdminService;
use crate::user_runtime::UserRuntimeState;

impl Builder {
    /// Assembles everything that is linked. Opens no socket and starts no thread.
    ///
    /// # Errors
    ///
    /// All mistakes of all registrations and settings together.
    pub fn build(self) -> Result<AdminServer, BuildError> {
        self.build_with_listeners()
            .map_err(|(problems, _)| BuildError::new(problems))
    }

    /// As `build`; beside the problems it returns the listeners that have none.
    fn build_with_listeners(mut self) -> Result<AdminServer, (Vec<Problem>, Vec<PlannedListener>)> {
        let mut problems = std::mem::take(&mut self.problems);
        problems.extend(self.listener_problems());
        problems.extend(assemble::limit_problems(&self.limits));
        problems.extend(assemble::build_info_problem());
        problems.extend(assemble::index_page_problem());
        let own = std::mem::take(&mut self.endpoints);
        let mut endpoints: Vec<_> = discover::endpoints().chain(own).collect();
        sort(&mut endpoints); // so that what is wrong with them comes in order
        let mut periodic: Vec<_> = discover::periodic_threads().collect();
        let mut checks: Vec<_> = discover::health_checks().collect();
        problems.extend(assemble::links(&endpoints, &periodic, &checks));
        let mut warnings = assemble::unused(&endpoints, &periodic, &checks, &self.state);
        problems.extend(assemble::exclusions(&mut endpoints, &self.exclude));
        let (public, unknown) = assemble::public(&endpoints, &self.public);
        problems.extend(unknown);
        if self.credentials.are_required() {
            warnings.extend(assemble::public_everything(&endpoints, &self.public));
        }
        let listeners = self.planned_listeners(&endpoints, &mut problems);
        let mut linked_problems = periodic_problems(&mut periodic);
        linked_problems.extend(health_problems(&mut checks));
        if !self.periodic {
            periodic.clear();
        }
        problems.extend(assemble::state(&endpoints, &periodic, &checks, &self.state));
        problems.extend(linked_problems);
        let registry = match Registry::from_descriptors(endpoints) {
            Ok(registry) => registry,
            Err(error) => {
                problems.extend(error.into_problems());
                return Err((problems, listeners));
            }
        };
        if !problems.is_empty() {
            return Err((problems, listeners));
        }
        start_warnings::warn_about_settings(warnings);
        let state = Arc::new(self.state);
        let periodic = PeriodicThreads::new(self.name.clone(), &periodic, &state);
        let health_checks = HealthChecks::new(self.name.clone(), &checks, &state, periodic.clone());
        let access = if self.credentials.are_required() {
            Access::Bearer
        } else {
            Access::Open
        };
        let user_runtime_state = Arc::new(UserRuntimeState::new(self.name.clone()));
        let services = Services::new(state)
            .with(registry.clone())
            .with(periodic.clone())
            .with(health_checks.clone())
            .with(self.scripts)
            .with(self.shown_config.build())
            .with(access)
            .with(OpenApiDocuments::default())
            .with(IndexTexts::default())
            .with(StopSignal::default())
            .with(MountPrefix(self.mount_prefix.clone()))
            .with(LinkedPage(discover::index_pages().next()))
            .with(AuditMasks::new(discover::audit_masks()))
            .with(Arc::clone(&user_runtime_state));
        let context = ServerContext::new(ServerParts {
            name: self.name,
            registry,
            periodic,
            health_checks,
            services,
            hosts: self.hosts,
            credentials: self.credentials,
            limits: self.limits,
            mount_prefix: self.mount_prefix,
            user_runtime_state,
            public,
        });
        Ok(AdminServer::new(
            Arc::new(context),
            listeners,
            self.trust_loopback,
            self.token_files,
        ))
    }

    /// A filter to mount in a warp application; for axum, hyper and tower see
    /// [`service`](Self::service). It matches the *remaining* path, so a prefix works; it rejects paths
    /// that are not its own, so `admin.or(app)` works in either order; for its own it answers as a
    /// server's socket does, 405 and 400 included.
    ///
    /// It starts no periodic thread and no health check; the log, `/periodic-threads-health` and
    /// `/readyz` say so. To run them, [`build`](Self::build), start [`AdminServer::periodic_threads`]
    /// and [`AdminServer::health_checks`], and mount
    /// [`AdminServer::filter`]: see [the guide](crate::guide::mounting).
    ///
    /// # Errors
    ///
    /// As [`build`](Self::build).
    pub fn filter(self) -> Result<AdminFilter, BuildError> {
        Ok(self.build_without_threads()?.filter())
    }

    /// As [`filter`](Self::filter), and answers 404 for every other path.
    ///
    /// # Errors
    ///
    /// As [`build`](Self::build).
    pub fn filter_or_404(self) -> Result<AdminFilter, BuildError> {
        Ok(self.build_without_threads()?.filter_or_404())
    }

    /// A tower service to mount in axum or to serve with hyper; it answers 404 for paths that are
    /// not its own.
    ///
    /// It starts no periodic thread and no health check; the log, `/periodic-threads-health` and
    /// `/readyz` say so. To run them, [`build`](Self::build), start [`AdminServer::periodic_threads`]
    /// and [`AdminServer::health_checks`], and mount
    /// [`AdminServer::service`]: see [the guide](crate::guide::mounting).
    ///
    /// # Errors
    ///
    /// As [`build`](Self::build).
    pub fn service(self) -> Result<AdminService, BuildError> {
        Ok(self.build_without_threads()?.service())
    }

    /// Builds, binds and serves, on threads and runtimes of the server's own.
    ///
    /// # Errors
    ///
    /// As [`build`](Self::build), and listeners that cannot listen, all of them together; threads that cannot
    /// be started.
    pub fn start(self) -> Result<RunningServer, StartError> {
        match self.build_with_listeners() {
            Ok(server) => server.start(),
            Err((mut problems, listeners)) => {
                problems.extend(problems_of_listening(&listeners));
                Err(BuildError::new(problems).into())
            }
        }
    }

    /// Builds a server that is mounted and dropped, so that nothing can start its threads.
    fn build_without_threads(self) -> Result<AdminServer, BuildError> {
        let server = self.build()?;
        start_warnings::warn_about_panic_abort();
        start_warnings::warn_about_threads_not_started(server.periodic_threads());
        start_warnings::warn_about_checks_not_started(server.health_checks());
        Ok(server)
    }
}
