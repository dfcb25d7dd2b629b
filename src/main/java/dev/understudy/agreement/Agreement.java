package dev.understudy.agreement;

/** Agreement of replicas on each failover pool's serving server. */
public interface Agreement extends RoleDecisions, ReplicaMembership, AgreementLifecycle {}
