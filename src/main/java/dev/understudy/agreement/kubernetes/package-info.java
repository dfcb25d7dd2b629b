/**
 * The register in the Kubernetes API: one Lease of {@code coordination.k8s.io/v1} for each entry.
 *
 * <p>A few REST calls on one resource with Reactor Netty's client, on one event loop of their own.
 * Deliberately absent: a client library, caches and retries.
 */
@NullMarked
package dev.understudy.agreement.kubernetes;

import org.jspecify.annotations.NullMarked;
