import { type GraphQLSchema, isAbstractType, isInterfaceType, isObjectType } from 'graphql';

/** Answers whether an object of a runtime type meets a type condition, by the supergraph's schema. */
export interface TypeConditions {
  /** Whether `typename` is `condition`, one of its members, or one of its implementations. */
  matches(typename: string, condition: string): boolean;
  /** Whether the name is an interface: what a subgraph with an `@interfaceObject` calls its entities. */
  isInterface(typename: string): boolean;
}

export function createTypeConditions(schema: GraphQLSchema): TypeConditions {
  return {
    matches(typename, condition) {
      if (typename === condition) {
        return true;
      }
      const type = schema.getType(typename);
      const conditional = schema.getType(condition);
      return (
        isAbstractType(conditional) &&
        (isObjectType(type) || isInterfaceType(type)) &&
        schema.isSubType(conditional, type)
      );
    },
    isInterface: (typename) => isInterfaceType(schema.getType(typename)),
  };
}
