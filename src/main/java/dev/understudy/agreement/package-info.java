/**
 * How replicas agree on the serving server. <i>Standalone</i>: this process decides, and may keep
 * its decisions in a state file, which it writes on a thread of its own. Or, in {@code quorum}, by
 * the votes of all through a {@code register}, which is the Kubernetes API or etcd.
 *
 * <p>Deliberately absent: the choice itself (see {@code failover}), and timers (see {@code
 * monitor}).
 */
@NullMarked
package dev.understudy.agreement;

import org.jspecify.annotations.NullMarked;
