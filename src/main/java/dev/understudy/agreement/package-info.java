/**
 * Agreement on the serving server, within one process or among replicas. <i>Standalone</i>: this
 * process decides, and may keep its decisions in a state file, which a thread of its own writes. In
 * {@code quorum}: the votes of all replicas decide, through a {@code register}, which is the
 * Kubernetes API or etcd.
 *
 * <p>Deliberately absent: the choice itself (see {@code failover}), and timers (see {@code
 * monitor}).
 */
@NullMarked
package dev.understudy.agreement;

import org.jspecify.annotations.NullMarked;
