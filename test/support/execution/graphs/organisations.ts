import type { SubgraphSdls } from '../testGraph.js';

const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.7", import: [
  "@key", "@requires", "@provides", "@external", "@shareable", "@override", "@inaccessible", "@interfaceObject"])`;

/** Nested and compound keys, chains of keys over subgraphs, lists of lists of entities, value types from two sides. */
export const organisations: SubgraphSdls = {
  directory: `${link}
    type Query { staff: [Employee!], grid: [[Employee]!]!, office(code: String!): Office, stats: Stats @shareable }
    type Employee @key(fields: "organisation { id } number") { organisation: Organisation!, number: Int!, name: String, office: Office }
    type Organisation @key(fields: "id") { id: ID! }
    type Office @key(fields: "code") { code: String!, building: Building, floors: [[Floor!]] }
    type Building @shareable { street: String, lat: Float }
    type Floor { level: Int!, rooms: [[String]] , lead: Employee }
    type Stats @shareable { total: Int, since: String }
  `,
  payroll: `${link}
    type Query { stats: Stats @shareable }
    type Stats @shareable { total: Int, since: String }
    type Employee @key(fields: "organisation { id } number") @key(fields: "taxId") {
      organisation: Organisation!, number: Int!, taxId: ID!, salary: Int!, bonus: Float
    }
    type Organisation @key(fields: "id") { id: ID!, legalName: String!, head: Employee }
  `,
  badges: `${link}
    type Query { badges: [Badge!]! }
    type Employee @key(fields: "taxId") {
      taxId: ID!, salary: Int! @external, badge: Badge, level: Int @requires(fields: "salary"), peers: [[Employee!]]
    }
    type Badge { color: String!, owner: Employee!, at: Office }
    type Office @key(fields: "code") { code: String!, capacity: Int, badges: [Badge] }
  `,
};
