package dev.understudy.health;

import java.time.Instant;

/**
 * The status of a server and what it rests on.
 *
 * @param connectionFailed whether it is DOWN because the deciding probe could not connect
 * @param evidence the observations behind it, for people
 */
record StatusEvidence(
    HealthStatus status, Instant since, boolean connectionFailed, String evidence) {}
