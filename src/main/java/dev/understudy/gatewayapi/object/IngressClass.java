package dev.understudy.gatewayapi.object;

/**
 * An IngressClass.
 *
 * @param controller the name of the implementation that is to take its Ingresses
 * @param isDefault whether Ingresses without a class have it
 */
public record IngressClass(Meta meta, String controller, boolean isDefault)
    implements ClusterObject {
  @Override
  public ObjectKind kind() {
    return ObjectKind.INGRESS_CLASS;
  }
}
