/**
 * What checks of databases prove of the role, a pure core: the history of a server's data and how
 * far it has come, its claim, which claims are stale, and how far each server is behind. {@code
 * failover} and {@code role} know none of it, only {@link dev.understudy.failover.RoleEvidence} and
 * {@link dev.understudy.failover.RoleClaim}.
 *
 * <p>Deliberately absent: how a server is asked, which is {@code probe}, and who serves.
 */
@NullMarked
package dev.understudy.database;

import org.jspecify.annotations.NullMarked;
