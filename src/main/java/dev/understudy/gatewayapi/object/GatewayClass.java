package dev.understudy.gatewayapi.object;

/**
 * A GatewayClass.
 *
 * @param controller the name of the implementation that is to take its Gateways
 * @param hasParameters whether it refers to parameters
 */
public record GatewayClass(Meta meta, String controller, boolean hasParameters)
    implements ClusterObject {
  @Override
  public ObjectKind kind() {
    return ObjectKind.GATEWAY_CLASS;
  }
}
