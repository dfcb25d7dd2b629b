/**
 * The register in etcd, by the JSON gateway that each member serves beside gRPC (v3.4 and later).
 *
 * <p>{@code EtcdRegister} turns the register's methods into calls, {@code EtcdClient} and {@code
 * EtcdWatch} send them to one of the members, {@code RegisterHttp} speaks HTTP. All state belongs
 * to one event loop. Only {@code EtcdErrors} knows etcd's error texts.
 *
 * <p>Deliberately absent: retries of calls that may have been carried out, and what documents mean.
 */
@NullMarked
package dev.understudy.agreement.etcd;

import org.jspecify.annotations.NullMarked;
