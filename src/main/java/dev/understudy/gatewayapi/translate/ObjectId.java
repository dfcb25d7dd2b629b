package dev.understudy.gatewayapi.translate;

import dev.understudy.gatewayapi.object.ClusterObject;
import dev.understudy.gatewayapi.object.ObjectKey;
import dev.understudy.gatewayapi.object.ObjectKind;

/** An object among all of a cluster. */
public record ObjectId(ObjectKind kind, ObjectKey key) {
  public static ObjectId of(ClusterObject object) {
    return new ObjectId(object.kind(), object.key());
  }
}
