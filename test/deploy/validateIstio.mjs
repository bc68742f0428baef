// Validates a manifest of Istio, given as JSON, by the schemas of Istio: a process of its own, since the models are ES
// modules, which jest's loader does not have.
import { DestinationRule, VirtualService } from '@kubernetes-models/istio/networking.istio.io/v1beta1';
import { PeerAuthentication } from '@kubernetes-models/istio/security.istio.io/v1';

const models = { DestinationRule, VirtualService, PeerAuthentication };
const manifests = JSON.parse(process.argv[2]);
for (const manifest of manifests) new models[manifest.kind](manifest).validate();
