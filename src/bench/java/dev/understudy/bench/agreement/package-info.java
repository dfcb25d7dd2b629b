/**
 * How long replicas take to agree on a failover, and how far apart they follow.
 *
 * <p>All replicas are monitors in this process, with servers that are only pretended to: measured
 * is the agreement and its register, not the network between proxies and servers.
 */
@NullMarked
package dev.understudy.bench.agreement;

import org.jspecify.annotations.NullMarked;
