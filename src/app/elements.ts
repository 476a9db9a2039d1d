/** Registers every element. The session must be provided first: elements read it when they are made. */
import { AppHeader } from './app-header.ts';
import { CurveChart } from './curve-chart.ts';
import { CurvesPanel } from './curves-panel.ts';
import { DemonstrationRecorder } from './demonstration-recorder.ts';
import { DemonstrationStage } from './demonstration-stage.ts';
import { DeviceCard } from './device-card.ts';
import { EnvironmentPanel } from './environment-panel.ts';
import { EpisodeView } from './episode-view.ts';
import { EpisodesPanel } from './episodes-panel.ts';
import { ExportMenu } from './export-menu.ts';
import { FilmStrip } from './film-strip.ts';
import { FrameGrid } from './frame-grid.ts';
import { GrpoApp } from './grpo-app.ts';
import { MessageBar } from './message-bar.ts';
import { ModelPlan } from './model-plan.ts';
import { PixelImage } from './pixel-image.ts';
import { PolicyPanel } from './policy-panel.ts';
import { PushForm } from './push-form.ts';
import { RemoteModel } from './remote-model.ts';
import { RunComparison } from './run-comparison.ts';
import { RunControls } from './run-controls.ts';
import { RunsPanel } from './runs-panel.ts';
import { ServerForm } from './server-form.ts';
import { SettingField } from './setting-field.ts';
import { SettingsPanel } from './settings-panel.ts';
import { TaskEditor } from './task-editor.ts';
import { TaskTrial } from './task-trial.ts';
import { TasksPanel } from './tasks-panel.ts';

const ELEMENTS: Record<string, CustomElementConstructor> = {
  'pixel-image': PixelImage,
  'curve-chart': CurveChart,
  'setting-field': SettingField,
  'film-strip': FilmStrip,
  'episode-view': EpisodeView,
  'push-form': PushForm,
  'device-card': DeviceCard,
  'export-menu': ExportMenu,
  'app-header': AppHeader,
  'message-bar': MessageBar,
  'run-controls': RunControls,
  'model-plan': ModelPlan,
  'remote-model': RemoteModel,
  'policy-panel': PolicyPanel,
  'server-form': ServerForm,
  'environment-panel': EnvironmentPanel,
  'task-trial': TaskTrial,
  'task-editor': TaskEditor,
  'demonstration-stage': DemonstrationStage,
  'demonstration-recorder': DemonstrationRecorder,
  'tasks-panel': TasksPanel,
  'settings-panel': SettingsPanel,
  'frame-grid': FrameGrid,
  'curves-panel': CurvesPanel,
  'episodes-panel': EpisodesPanel,
  'run-comparison': RunComparison,
  'runs-panel': RunsPanel,
  'grpo-app': GrpoApp,
};

export function defineElements(): void {
  for (const [name, element] of Object.entries(ELEMENTS)) customElements.define(name, element);
}
