/**
 * The register in etcd, by the JSON gateway that each member serves beside gRPC (v3.4 and later).
 *
 * <p>{@code EtcdRegister} makes calls of the register's methods, {@code EtcdClient} and {@code
 * EtcdWatch} carry them to one of the members, {@code GatewayHttp} speaks HTTP. All state belongs
 * to one event loop. {@code EtcdErrors} alone knows etcd's error texts.
 *
 * <p>Deliberately absent: retries of what may have been carried out, and what documents mean.
 */
@NullMarked
package dev.understudy.agreement.etcd;

import org.jspecify.annotations.NullMarked;
