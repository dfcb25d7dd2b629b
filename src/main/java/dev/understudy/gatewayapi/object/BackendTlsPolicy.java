package dev.understudy.gatewayapi.object;

import java.util.List;

/**
 * A BackendTLSPolicy: TLS towards Services.
 *
 * @param hostname sent as SNI, and verified unless there are {@code alternativeNames}
 * @param authorities references to ConfigMaps with certificates
 * @param systemAuthorities whether the system's authorities are trusted instead
 * @param alternativeNames names of which the certificate must have one
 */
public record BackendTlsPolicy(
    Meta meta,
    List<PolicyTarget> targets,
    String hostname,
    List<Reference> authorities,
    boolean systemAuthorities,
    List<String> alternativeNames)
    implements ClusterObject {
  public BackendTlsPolicy {
    targets = List.copyOf(targets);
    authorities = List.copyOf(authorities);
    alternativeNames = List.copyOf(alternativeNames);
  }

  @Override
  public ObjectKind kind() {
    return ObjectKind.BACKEND_TLS_POLICY;
  }
}
